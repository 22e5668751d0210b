#include "metrics/histogram.h"

#include <algorithm>
#include <cmath>

namespace molotov::metrics {

static_assert(kBuckets * sizeof(uint64_t) + sizeof(Histogram) <= 32 * 1024);

void Histogram::record(Duration value) {
  value = counted_as(value);
  add(bucket_of(value), 1);
  add_exact(static_cast<uint64_t>(value.count()), value, value);
}

void Histogram::add(size_t bucket, uint64_t count) {
  buckets_.at(bucket) += count;
  count_ += count;
}

void Histogram::add_exact(uint64_t sum_ns, Duration min, Duration max) {
  sum_ns_ += sum_ns;
  if (min != Duration(0) && (min_ == Duration(0) || min < min_)) min_ = min;
  max_ = std::max(max_, max);
}

void Histogram::merge(const Histogram& other) {
  if (other.empty()) return;
  const BucketRange<uint64_t>& theirs = other.buckets_;
  buckets_.cover(theirs.first(), theirs.end() - 1);
  for (size_t i = theirs.first(); i < theirs.end(); i++)
    buckets_.at(i) += theirs[i];
  count_ += other.count_;
  add_exact(other.sum_ns_, other.min_, other.max_);
}

Duration Histogram::mean() const {
  return Duration(count_ == 0 ? 0 : sum_ns_ / count_);
}

Duration Histogram::quantile(double fraction) const {
  return empty() ? Duration(0) : at_rank(rank_of(fraction));
}

uint64_t Histogram::rank_of(double fraction) const {
  const double exact =
      std::clamp(fraction, 0.0, 1.0) * static_cast<double>(count_);
  // 0.999 of 1000 is 999, however that product is rounded.
  constexpr double kRounding = 1e-12;
  const double rank = std::ceil(exact * (1 - kRounding));
  return std::clamp<uint64_t>(static_cast<uint64_t>(rank), 1, count_);
}

Duration Histogram::at_rank(uint64_t rank) const {
  if (rank == count_) return max_;
  uint64_t below = 0;
  for (size_t i = buckets_.first(); i < buckets_.end(); i++) {
    below += buckets_[i];
    if (below < rank) continue;
    return std::clamp(middle_of(i), min_, max_);
  }
  return max_;
}

uint64_t Histogram::count_above(Duration value) const {
  uint64_t above = 0;
  const size_t next = bucket_of(counted_as(value)) + 1;
  for (size_t i = std::max(next, buckets_.first()); i < buckets_.end(); i++)
    above += buckets_[i];
  return above;
}

}  // namespace molotov::metrics
