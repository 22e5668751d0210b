#include "report/judgement.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "report/names.h"

namespace molotov::report {

namespace {

using metrics::Figure;
using metrics::Histogram;
using metrics::RunData;
using metrics::Series;
using metrics::SeriesKey;
using metrics::SeriesKind;
using metrics::Threshold;
using Metric = Threshold::Metric;
using Sight = Judgement::Sight;
using Subject = Threshold::Subject;
using Unit = Threshold::Unit;

SeriesKind kind_of(Subject subject) {
  switch (subject) {
    case Subject::all:
    case Subject::endpoint:
      break;
    case Subject::scenario:
      return SeriesKind::scenario;
    case Subject::step:
      return SeriesKind::step;
    case Subject::check:
      return SeriesKind::check;
    case Subject::metric:
      return SeriesKind::value;
  }
  return SeriesKind::endpoint;
}

bool is_of(const Threshold& threshold, const SeriesKey& key) {
  if (key.kind != kind_of(threshold.subject)) return false;
  if (threshold.subject == Subject::all) return true;
  if (key.kind != SeriesKind::endpoint) return key.name == threshold.name;
  // With its host or without, whichever the reports show.
  return endpoint_name(key.name, false) == threshold.name ||
         endpoint_name(key.name, true) == threshold.name;
}

metrics::Measure measure_of(Threshold::Measure measure) {
  switch (measure) {
    case Threshold::Measure::server:
      return metrics::Measure::server;
    case Threshold::Measure::ttfb:
      return metrics::Measure::ttfb;
    case Threshold::Measure::duration:
      return metrics::Measure::duration;
    case Threshold::Measure::none:
    case Threshold::Measure::value:  // no times
    case Threshold::Measure::response:
      break;
  }
  return metrics::Measure::response;
}

// How often something was, and how often the metric's case of it.
struct Counts {
  uint64_t all = 0;
  uint64_t some = 0;
};

// Of requests, or of what succeeds and fails.
Counts counts_of(const Series& series, const Threshold& threshold) {
  switch (threshold.metric) {
    case Metric::errors:
      return {series.requests(), series.errors()};
    case Metric::http_errors:
      return {series.requests(), series.http_errors()};
    case Metric::requests_rate:
      return {series.requests(), series.requests()};
    default:
      break;
  }
  const uint64_t failed = series.get(Figure::failed);
  return {series.get(Figure::succeeded) + failed, failed};
}

bool is_time(Metric metric) {
  return metric == Metric::percentile || metric == Metric::mean ||
         metric == Metric::max;
}
bool is_of_all_runs(const Threshold& threshold) {
  return threshold.subject == Subject::all &&
         (threshold.metric == Metric::failures ||
          threshold.metric == Metric::runs_rate);
}

void judge_times(const Histogram& times, Judgement& judgement) {
  if (times.empty()) return;
  judgement.sight = Sight::measured;
  const Threshold& threshold = judgement.threshold;
  Duration found = times.max();
  if (threshold.metric == Metric::mean) found = times.mean();
  if (threshold.metric == Metric::percentile) {
    const double fraction = threshold.percentile / 100;
    const uint64_t rank = times.rank_of(fraction);
    found = times.at_rank(rank);
    judgement.percentile = {.samples = times.count(),
                            .beyond = std::min(rank - 1, times.count() - rank),
                            .confidence = metrics::confidence_interval(
                                times, fraction, kConfidenceLevel)};
  }
  judgement.found = duration_to_seconds(found);
}

// What a script has recorded.
void judge_values(const metrics::ValueHistogram& values, Judgement& judgement) {
  if (values.empty()) return;
  judgement.sight = Sight::measured;
  const Threshold& threshold = judgement.threshold;
  judgement.found = values.max();
  if (threshold.metric == Metric::mean) judgement.found = values.mean();
  if (threshold.metric == Metric::percentile)
    judgement.found = values.quantile(threshold.percentile / 100);
}

void judge_counts(Counts counts, Duration passed, Judgement& judgement) {
  if (counts.all == 0) return;
  const auto all = static_cast<double>(counts.all);
  const auto some = static_cast<double>(counts.some);
  switch (judgement.threshold.unit) {
    case Unit::share:
      judgement.found = some / all;
      break;
    case Unit::per_second:
      if (passed <= Duration(0)) return;
      judgement.found = all / duration_to_seconds(passed);
      break;
    default:
      judgement.found = some;
      break;
  }
  judgement.sight = Sight::measured;
}

// "12.3ms": a figure in so many digits, and what it is when read back.
struct Shown {
  std::string text;
  double value = 0;
};

Shown shown(double found, Unit unit, int digits) {
  double factor = 1;
  std::string_view suffix;
  if (unit == Unit::seconds) {
    const bool micro = found < 999.5e-6;
    factor = micro ? 1e6 : found < 0.9995 ? 1e3 : 1;
    suffix = micro ? "us" : found < 0.9995 ? "ms" : "s";
  } else if (unit == Unit::share) {
    factor = 100;
    suffix = "%";
  } else if (unit == Unit::per_second) {
    suffix = "/s";
  }
  const double number = found * factor;
  // Of large numbers all digits before the point.
  std::string text =
      std::abs(number) >= std::pow(10, digits) && std::abs(number) < 1e15
          ? fmt::format("{:.0f}", number)
          : fmt::format("{:.{}g}", number, digits);
  const double value = std::strtod(text.c_str(), nullptr) / factor;
  return {.text = text.append(suffix), .value = value};
}

// In three digits, or as many as tell on which side of the value it is.
std::string found_text(const Judgement& judgement) {
  const Threshold& threshold = judgement.threshold;
  constexpr int kMostDigits = 17;
  for (int digits = 3;; digits++) {
    const auto [text, value] = shown(judgement.found, threshold.unit, digits);
    const bool same_side =
        (value <=> threshold.value) == (judgement.found <=> threshold.value);
    if (same_side || digits == kMostDigits) return text;
  }
}

std::string why(const Judgement& judgement) {
  if (judgement.sight == Sight::nothing_measured) return "nothing was measured";
  if (judgement.sight == Sight::measured) {
    std::string text = "found " + found_text(judgement);
    if (judgement.percentile && judgement.percentile->few_beyond())
      text +=
          fmt::format(", with only {} beyond", judgement.percentile->beyond);
    return text;
  }
  if (judgement.threshold.subject != Subject::all) return "never seen";
  return is_of_all_runs(judgement.threshold) ? "no run was seen"
                                             : "no request was seen";
}

}  // namespace

bool Judgement::crossed() const {
  return sight != Sight::measured ||
         !metrics::holds(threshold.comparison, found, threshold.value);
}

Judgement judge(const Threshold& threshold, const RunData& data,
                const metrics::Totals& totals) {
  Judgement judgement{.threshold = threshold};
  Counts counts;
  Histogram times;
  metrics::ValueHistogram values;
  if (is_of_all_runs(threshold)) {
    counts = {totals.runs_succeeded + totals.runs_failed, totals.runs_failed};
    if (counts.all > 0) judgement.sight = Sight::nothing_measured;
  } else {
    for (const auto& [key, series] : data.series()) {
      if (!is_of(threshold, key)) continue;
      judgement.sight = Sight::nothing_measured;
      const Counts more = counts_of(series, threshold);
      counts.all += more.all;
      counts.some += more.some;
      if (is_time(threshold.metric))
        times.merge(series.get(measure_of(threshold.measure)));
      values.merge(series.values);
    }
  }
  if (threshold.subject == Subject::metric)
    judge_values(values, judgement);
  else if (is_time(threshold.metric))
    judge_times(times, judgement);
  else
    judge_counts(counts, data.duration(), judgement);
  return judgement;
}

std::string judgement_line(const Judgement& judgement) {
  return fmt::format("threshold {}: {} ({})",
                     judgement.crossed() ? "crossed" : "passed",
                     to_string(judgement.threshold), why(judgement));
}

std::vector<std::string> judgement_lines(
    std::span<const Judgement> judgements) {
  std::vector<std::string> lines;
  lines.reserve(judgements.size());
  for (const Judgement& each : judgements)
    lines.push_back(judgement_line(each));
  return lines;
}

bool any_crossed(std::span<const Judgement> judgements) {
  return std::ranges::any_of(judgements, &Judgement::crossed);
}

}  // namespace molotov::report
