#include "metrics/value_histogram.h"

#include <algorithm>
#include <cmath>

namespace molotov::metrics {

void ValueHistogram::add(size_t bucket, uint64_t count) {
  buckets_.at(bucket) += count;
  count_ += count;
}

void ValueHistogram::add_exact(double sum, double min, double max) {
  sum_ = finite_sum(sum_, sum);
  min_ = has_extremes_ ? std::min(min_, min) : min;
  max_ = has_extremes_ ? std::max(max_, max) : max;
  has_extremes_ = true;
}

void ValueHistogram::merge(const ValueHistogram& other) {
  if (other.empty()) return;
  for (size_t i = other.buckets_.first(); i < other.buckets_.end(); i++)
    buckets_.at(i) += other.buckets_[i];
  count_ += other.count_;
  add_exact(other.sum_, other.min_, other.max_);
}

double ValueHistogram::mean() const {
  return empty() ? 0 : sum_ / static_cast<double>(count_);
}

double ValueHistogram::quantile(double fraction) const {
  if (empty()) return 0;
  const double exact =
      std::ceil(std::clamp(fraction, 0.0, 1.0) * static_cast<double>(count_));
  const auto rank =
      std::clamp<uint64_t>(static_cast<uint64_t>(exact), 1, count_);
  if (rank == count_) return max_;
  if (rank == 1) return min_;
  uint64_t below = 0;
  for (size_t i = buckets_.first(); i < buckets_.end(); i++) {
    below += buckets_[i];
    if (below >= rank) return std::clamp(middle_of_values(i), min_, max_);
  }
  return max_;
}

}  // namespace molotov::metrics
