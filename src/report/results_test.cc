// The table of results, to the letter.
#include "report/results.h"

#include <gtest/gtest.h>

#include "metrics/testing.h"

namespace molotov::report {
namespace {

using Lines = std::vector<std::string>;
using metrics::ErrorKind;

TEST(ResultLines, NoRequestsNoTable) {
  EXPECT_EQ(result_lines({}), Lines{});
}

TEST(ResultLines, OneEndpoint) {
  metrics::CountedRun run;
  run.answered("GET\ta\t/", 200, 990, 2ms);
  run.answered("GET\ta\t/", 200, 10, 30ms);
  EXPECT_EQ(
      result_lines(run.after(10s)),
      Lines(
          {"                                                    response time"
           "         server",
           "                      requests  errors  per s    p50    p95    p99"
           "    max    p99",
           "GET /                    1,000       0    100 2.00ms 2.00ms 2.00ms"
           " 30.0ms 1.00ms"}));
}

TEST(ResultLines, LongNamesErrorsAndTheSum) {
  metrics::CountedRun run;
  run.answered("GET\ta\t/users/{}/carts/{}/items", 200, 3, 2ms);
  run.answered("GET\ta\t/", 503, 1, 2ms);
  run.failed("GET\ta\t/", ErrorKind::timeout);
  const Lines lines = result_lines(run.after(1s));
  ASSERT_EQ(lines.size(), 7u);
  EXPECT_EQ(lines[2], "GET /users/{}/carts/{}/items");
  EXPECT_EQ(lines[3],
            "                             3       0   3.00 2.00ms 2.00ms 2.00ms"
            " 2.00ms 1.00ms");
  EXPECT_EQ(lines[5], "  503: 1, timeout: 1");
  EXPECT_EQ(lines[6],
            "All                          5       1   5.00 2.00ms 2.00ms 2.00ms"
            " 2.00ms 1.00ms");
  for (const std::string& line : lines) EXPECT_LE(line.size(), 80u) << line;
}

TEST(ResultLines, NothingIsWiderThanATerminal) {
  metrics::CountedRun run;
  run.answered("GET\ta\t/" + std::string(300, 'x'), 200, 1, 1h);
  run.row(metrics::SeriesKind::endpoint, "GET\ta\t/")
      .add(metrics::Figure::answered, 123'456'789'012);
  run.failed("GET\ta\t/", ErrorKind::timeout, 99'999'999);
  for (const std::string& line : result_lines(run.after(1ms)))
    EXPECT_LE(line.size(), 82u)
        << line;  // the mark of what was cut has 3 bytes
}

TEST(ResultLines, WhatWasNotMeasuredIsNotZero) {
  metrics::CountedRun run;
  run.failed("GET\ta\t/", ErrorKind::refused);
  EXPECT_EQ(result_lines(run.after(1s))[2],
            "GET /                        1       1   1.00      -      -      -"
            "      -      -");
}

}  // namespace
}  // namespace molotov::report
