// The tables of scenarios and of the script's own figures, to the letter.
#include "report/figures.h"

#include <gtest/gtest.h>

#include "metrics/testing.h"

namespace molotov::report {
namespace {

using Lines = std::vector<std::string>;
using metrics::Figure;
using metrics::SeriesKind;

TEST(FigureLines, NothingOfAScriptThatMeasuresNothing) {
  metrics::CountedRun run;
  run.answered("GET\ta\t/", 200, 1, 2ms);
  run.timed(SeriesKind::scenario, "only", 1, 2ms);
  EXPECT_EQ(figure_lines(run.after(1s)), Lines{});
}

TEST(FigureLines, EachHasItsTable) {
  metrics::CountedRun run;
  run.timed(SeriesKind::scenario, "browse", 1000, 20ms);
  run.timed(SeriesKind::scenario, "buy", 1, 3s);
  run.row(SeriesKind::scenario, "buy").add(Figure::failed);
  run.timed(SeriesKind::step, "login", 10, 4ms);
  run.row(SeriesKind::check, "basket not empty").add(Figure::succeeded, 12345);
  run.row(SeriesKind::check, "basket not empty").add(Figure::failed, 2);
  run.row(SeriesKind::counter, "orders").add(Figure::amount, 30);
  run.row(SeriesKind::value, "basket value", "EUR").record_value(12.5);
  run.row(SeriesKind::value, "depth").record_value(-3);
  EXPECT_EQ(
      figure_lines(run.after(10s)),
      Lines({
          "Scenarios                 runs  failed  per s    p50    p95    p99"
          "    max",
          "browse                   1,000       0    100 20.0ms 20.0ms 20.0ms"
          " 20.0ms",
          "buy                          2       1   0.20  3.00s  3.00s  3.00s"
          "  3.00s",
          "Steps                    count  failed  per s    p50    p95    p99"
          "    max",
          "login                       10       0   1.00 4.00ms 4.00ms 4.00ms"
          " 4.00ms",
          "Checks                  passed  failed",
          "basket not empty        12,345       2",
          "Counters                 count   per s",
          "orders                      30    3.00",
          "Values                   count      p50      p95      p99      max"
          " unit",
          "basket value                 1     12.5     12.5     12.5     12.5"
          " EUR",
          "depth                        1       -3       -3       -3       -3",
      }));
}

TEST(FigureLines, NothingIsWiderThanATerminalOrLongerThanAPage) {
  metrics::CountedRun run;
  run.row(SeriesKind::value, std::string(300, 'x'), std::string(300, 'u'))
      .record_value(-1.25e-77);
  for (int i = 0; i < 25; i++)
    run.row(SeriesKind::check, std::to_string(i)).add(Figure::failed);
  run.row(SeriesKind::check, metrics::kOtherName).add(Figure::failed);
  const Lines lines = figure_lines(run.after(1s));
  EXPECT_EQ(lines[21], "(6 more)");
  for (const std::string& line : lines)
    EXPECT_LE(line.size(), 82u)
        << line;  // the mark of what was cut has 3 bytes
}

}  // namespace
}  // namespace molotov::report
