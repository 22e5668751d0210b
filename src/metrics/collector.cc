#include "metrics/collector.h"

#include <algorithm>
#include <bit>
#include <string_view>

namespace molotov::metrics {

namespace {

// How much was added to a figure; `seen` is brought up to it.
uint64_t taken(const Count& count, uint64_t& seen) {
  const uint64_t now = count.get();
  return now - std::exchange(seen, now);
}

// What wraps round is told by the difference all the same.
void look_at_bucket(size_t bucket, const BucketCell& cell, uint32_t& seen,
                    BucketCounts& found) {
  const uint32_t now = cell.load(std::memory_order_relaxed);
  if (const uint32_t more = now - std::exchange(seen, now))
    found.push_back({static_cast<uint16_t>(bucket), more});
}

SeriesKey key_of(const SeriesRow& row) {
  const std::string_view unit(row.unit.data(), row.unit.size());
  return {.kind = static_cast<SeriesKind>(row.kind.get()),
          .name = std::string(row.name.data(), row.name_bytes.get()),
          .unit = std::string(unit.substr(0, unit.find('\0')))};
}

}  // namespace

Collector::Collector(Board& board)
    : board_(board), processes_(board.processes()) {}

// Instant{}: not yet.
Instant Collector::load_began() const {
  Instant first{};
  for (size_t i = 0; i < processes_.size(); i++) {
    const Instant began = board_.part(i).since(Phase::running);
    if (began != Instant{} && (first == Instant{} || began < first))
      first = began;
  }
  return first;
}

// `now`, where it goes on.
Instant Collector::load_ended(Instant now) const {
  Instant last{};
  for (size_t i = 0; i < processes_.size(); i++) {
    const Instant ended = board_.part(i).since(Phase::ending);
    if (ended == Instant{}) return now;
    last = std::max(last, ended);
  }
  return std::min(last, now);
}

std::vector<Interval> Collector::collect(Instant now) {
  std::vector<Interval> intervals;
  if (last_ == Instant{}) last_ = load_began();
  if (last_ == Instant{}) return intervals;
  now = std::max(load_ended(now), last_);
  bool anything = now > last_;
  for (size_t process = 0; process < processes_.size(); process++) {
    Interval interval{
        .process = process, .from = last_, .to = now, .series = {}};
    const SeriesTable table = board_.series(process);
    SeenRows& rows = processes_[process];
    for (size_t i = rows.size(); i < table.used(); i++)
      rows.emplace_back().key = key_of(table.row(i));
    for (size_t i = 0; i < rows.size(); i++) {
      SeriesChange change = look(table.row(i), rows[i]);
      if (!change.empty()) interval.series.push_back(std::move(change));
    }
    anything = anything || !interval.series.empty();
    intervals.push_back(std::move(interval));
  }
  if (!anything) intervals.clear();
  last_ = now;
  return intervals;
}

SeriesChange Collector::look(const SeriesRow& row, SeenRow& seen) {
  SeriesChange change;
  change.key = &seen.key;
  for (size_t i = 0; i < kFigures; i++)
    if (const uint64_t more = taken(row.figures[i], seen.figures[i]))
      change.figures.emplace_back(static_cast<Figure>(i), more);
  if (seen.key.kind == SeriesKind::value) {
    look_at_value(row, seen.value, change);
    return change;
  }
  look_at_statuses(row, seen, change);
  for (size_t i = 0; i < kMeasures; i++)
    look_at_measure(row, static_cast<Measure>(i), seen.measures[i], change);
  return change;
}

void Collector::look_at_statuses(const SeriesRow& row, SeenRow& seen,
                                 SeriesChange& change) {
  for (size_t i = 0; i < SeriesRow::kStatuses; i++)
    if (const uint64_t more = taken(row.statuses[i].count, seen.statuses[i]))
      change.statuses.emplace_back(
          static_cast<int>(row.statuses[i].status.get()), more);
  for (size_t i = 0; i < seen.other_statuses.size(); i++)
    if (const uint64_t more =
            taken(row.other_statuses[i], seen.other_statuses[i]))
      change.statuses.emplace_back(static_cast<int>(i), more);
}

void Collector::look_at_measure(const SeriesRow& row, Measure measure,
                                SeenMeasure& seen, SeriesChange& change) {
  const auto index = static_cast<size_t>(measure);
  const ExactCells& exact = row.exact[index];
  const uint64_t sum_ns = exact.sum_ns.acquire();
  if (sum_ns == seen.sum_ns) return;
  MeasureChange found{.measure = measure,
                      .sum_ns = sum_ns - std::exchange(seen.sum_ns, sum_ns),
                      .min = Duration(exact.min_ns.get()),
                      .max = Duration(exact.max_ns.get()),
                      .buckets = {}};
  const size_t first = bucket_of(found.min);
  const size_t last = bucket_of(found.max);
  seen.buckets.cover(first, last);
  for (size_t bucket = first; bucket <= last; bucket++)
    look_at_bucket(bucket, row.buckets[index][bucket], seen.buckets.at(bucket),
                   found.buckets);
  change.measures.push_back(std::move(found));
}

void Collector::look_at_value(const SeriesRow& row, SeenValue& seen,
                              SeriesChange& change) {
  const ExactValueCells& exact = row.exact_value;
  const uint64_t count = exact.count.acquire();
  if (count == std::exchange(seen.count, count)) return;
  const auto sum = std::bit_cast<double>(exact.sum.get());
  ValueChange found{.sum = finite_sum(sum, -std::exchange(seen.sum, sum)),
                    .min = std::bit_cast<double>(exact.min.get()),
                    .max = std::bit_cast<double>(exact.max.get()),
                    .buckets = {}};
  const size_t first = bucket_of_value(found.min);
  const size_t last = bucket_of_value(found.max);
  seen.buckets.cover(first, last);
  for (size_t bucket = first; bucket <= last; bucket++)
    look_at_bucket(bucket, row.value_cell(bucket), seen.buckets.at(bucket),
                   found.buckets);
  change.value = std::move(found);
}

}  // namespace molotov::metrics
