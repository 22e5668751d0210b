#include "report/figures.h"

#include <fmt/format.h>

#include <algorithm>

#include "report/names.h"
#include "report/numbers.h"
#include "report/rows.h"

namespace molotov::report {

using metrics::Figure;
using metrics::Measure;
using metrics::Series;
using metrics::SeriesKey;
using metrics::SeriesKind;
using Lines = std::vector<std::string>;

namespace {

// In the columns of the endpoints' table.
constexpr const char* kTimed = "{:>8}{:>8}{:>7}{:>7}{:>7}{:>7}{:>7}";
constexpr const char* kPair = "{:>8}{:>8}";
constexpr const char* kValues = "{:>8}{:>9}{:>9}{:>9}{:>9} {}";
constexpr size_t kUnitColumns = 13;

// Of a scenario or a step.
std::string timed_text(const SeriesKey&, const Series& series, double seconds) {
  const metrics::Histogram& duration = series.get(Measure::duration);
  return fmt::format(fmt::runtime(kTimed), short_count(ended(series)),
                     short_count(series.get(Figure::failed)),
                     rate_text(ended(series), seconds),
                     time_text(duration, 0.5), time_text(duration, 0.95),
                     time_text(duration, 0.99), time_text(duration, 1));
}

std::string check_text(const SeriesKey&, const Series& series, double) {
  return fmt::format(fmt::runtime(kPair),
                     short_count(series.get(Figure::succeeded)),
                     short_count(series.get(Figure::failed)));
}

std::string counter_text(const SeriesKey&, const Series& series,
                         double seconds) {
  const uint64_t amount = series.get(Figure::amount);
  return fmt::format(fmt::runtime(kPair), short_count(amount),
                     rate_text(amount, seconds));
}

std::string values_text(const SeriesKey& key, const Series& series, double) {
  const metrics::ValueHistogram& values = series.values;
  std::string text = fmt::format(
      fmt::runtime(kValues), short_count(values.count()),
      short_value(values.quantile(0.5)), short_value(values.quantile(0.95)),
      short_value(values.quantile(0.99)), short_value(values.max()),
      shortened(key.unit, kUnitColumns));
  if (key.unit.empty()) text.pop_back();
  return text;
}

using RowText = std::string(const SeriesKey&, const Series&, double seconds);

void add_table(const metrics::RunData& data, SeriesKind kind, size_t least,
               const char* title, const std::string& head, RowText& row_text,
               Lines& lines) {
  const std::vector<const NamedSeries*> all = series_of(data, kind);
  if (all.size() < least) return;
  const double seconds = duration_to_seconds(data.duration());
  add_row(title, head, lines);
  for (size_t i = 0; i < std::min(all.size(), kRowsShown); i++)
    add_row(all[i]->first.name,
            row_text(all[i]->first, all[i]->second, seconds), lines);
  add_rest(all.size(), lines);
}

}  // namespace

uint64_t ended(const Series& series) {
  return series.get(Figure::succeeded) + series.get(Figure::failed);
}

Lines figure_lines(const metrics::RunData& data) {
  const auto timed_head = [](const char* count) {
    return fmt::format(fmt::runtime(kTimed), count, "failed", "per s", "p50",
                       "p95", "p99", "max");
  };
  Lines lines;
  // One says no more than the line of counts above.
  add_table(data, SeriesKind::scenario, 2, "Scenarios", timed_head("runs"),
            timed_text, lines);
  add_table(data, SeriesKind::step, 1, "Steps", timed_head("count"), timed_text,
            lines);
  add_table(data, SeriesKind::check, 1, "Checks",
            fmt::format(fmt::runtime(kPair), "passed", "failed"), check_text,
            lines);
  add_table(data, SeriesKind::counter, 1, "Counters",
            fmt::format(fmt::runtime(kPair), "count", "per s"), counter_text,
            lines);
  add_table(data, SeriesKind::value, 1, "Values",
            fmt::format(fmt::runtime(kValues), "count", "p50", "p95", "p99",
                        "max", "unit"),
            values_text, lines);
  return lines;
}

}  // namespace molotov::report
