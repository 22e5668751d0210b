#include "metrics/run_data.h"

#include <algorithm>

namespace molotov::metrics {

namespace {

constexpr int kFirstHttpError = 400;

// Of a status, or of its class where only that is known.
bool is_http_error(int status) {
  return status >= (status < 10 ? kFirstHttpError / 100 : kFirstHttpError);
}

void merge(BucketCounts& into, const BucketCounts& more) {
  BucketCounts merged;
  merged.reserve(into.size() + more.size());
  auto one = into.begin();
  auto other = more.begin();
  while (one != into.end() || other != more.end()) {
    const bool first = other == more.end() ||
                       (one != into.end() && one->bucket <= other->bucket);
    const BucketCount& next = first ? *one++ : *other++;
    if (!merged.empty() && merged.back().bucket == next.bucket)
      merged.back().count += next.count;
    else
      merged.push_back(next);
  }
  into = std::move(merged);
}

void add(TimelinePoint& point, const SeriesChange& change) {
  if (change.key->kind != SeriesKind::endpoint) return;
  for (const auto& [figure, more] : change.figures) {
    if (figure == Figure::answered) point.requests += more;
    if (figure < Figure::first_error) continue;
    point.errors += more;
    point.requests += more;
  }
  for (const auto& [status, more] : change.statuses)
    if (is_http_error(status)) point.http_errors += more;
  for (const MeasureChange& measure : change.measures) {
    if (measure.measure == Measure::response)
      merge(point.response, measure.buckets);
    if (measure.measure == Measure::server)
      merge(point.server, measure.buckets);
  }
}

void merge(TimelinePoint& into, const TimelinePoint& next) {
  into.to = next.to;
  into.requests += next.requests;
  into.errors += next.errors;
  into.http_errors += next.http_errors;
  merge(into.response, next.response);
  merge(into.server, next.server);
}

}  // namespace

void Series::add(const SeriesChange& change) {
  for (const auto& [figure, more] : change.figures)
    figures[static_cast<size_t>(figure)] += more;
  for (const auto& [status, more] : change.statuses) statuses[status] += more;
  for (const MeasureChange& measure : change.measures) {
    Histogram& histogram = measures[static_cast<size_t>(measure.measure)];
    for (const BucketCount& bucket : measure.buckets)
      histogram.add(bucket.bucket, bucket.count);
    histogram.add_exact(measure.sum_ns, measure.min, measure.max);
  }
  if (!change.value) return;
  for (const BucketCount& bucket : change.value->buckets)
    values.add(bucket.bucket, bucket.count);
  values.add_exact(change.value->sum, change.value->min, change.value->max);
}

void Series::merge(const Series& other) {
  for (size_t i = 0; i < kFigures; i++) figures[i] += other.figures[i];
  for (const auto& [status, more] : other.statuses) statuses[status] += more;
  for (size_t i = 0; i < kMeasures; i++) measures[i].merge(other.measures[i]);
  values.merge(other.values);
}

uint64_t Series::errors() const {
  uint64_t all = 0;
  for (size_t i = static_cast<size_t>(Figure::first_error); i < kFigures; i++)
    all += figures[i];
  return all;
}

uint64_t Series::http_errors() const {
  uint64_t all = 0;
  for (const auto& [status, count] : statuses)
    if (is_http_error(status)) all += count;
  return all;
}

void RunData::add(std::span<const Interval> intervals) {
  if (intervals.empty()) return;
  TimelinePoint& point = timeline_.emplace_back();
  point.from = intervals.front().from;
  point.to = intervals.front().to;
  for (const Interval& interval : intervals) {
    for (const SeriesChange& change : interval.series) {
      series_[*change.key].add(change);
      metrics::add(point, change);
    }
  }
  if (timeline_.size() > kPointsMost) coarsen();
}

// Every two neighbours of the older half become one.
void RunData::coarsen() {
  const size_t half = timeline_.size() / 2;
  std::deque<TimelinePoint> kept;
  for (size_t i = 0; i < timeline_.size(); i++) {
    if (i < half && i % 2 == 1)
      merge(kept.back(), timeline_[i]);
    else
      kept.push_back(std::move(timeline_[i]));
  }
  timeline_ = std::move(kept);
}

Series RunData::all_requests() const {
  Series all;
  for (const auto& [key, series] : series_)
    if (key.kind == SeriesKind::endpoint) all.merge(series);
  return all;
}

Duration RunData::duration() const {
  if (timeline_.empty()) return Duration(0);
  return timeline_.back().to - timeline_.front().from;
}

}  // namespace molotov::metrics
