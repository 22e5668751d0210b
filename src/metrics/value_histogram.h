// Counts of values in the buckets of value_buckets.h, for whoever reads and
// merges: what Histogram is to durations.
#pragma once

#include <cstdint>

#include "metrics/bucket_range.h"
#include "metrics/value_buckets.h"

namespace molotov::metrics {

class ValueHistogram {
 public:
  void merge(const ValueHistogram& other);
  // Adds `count` values of one bucket. REQUIRES: bucket < kValueBuckets.
  void add(size_t bucket, uint64_t count);
  // What is known exactly of values that were added by their buckets.
  void add_exact(double sum, double min, double max);

  uint64_t count() const { return count_; }
  bool empty() const { return count_ == 0; }
  // 0 when empty.
  double sum() const { return sum_; }
  double min() const { return min_; }
  double max() const { return max_; }
  double mean() const;
  // As Histogram::quantile(). Those below kSmallestValue count as 0, all but
  // the least.
  double quantile(double fraction) const;

 private:
  uint64_t count_ = 0;
  double sum_ = 0;
  bool has_extremes_ = false;
  double min_ = 0;
  double max_ = 0;
  BucketRange<uint64_t, kValueBuckets> buckets_;
};

}  // namespace molotov::metrics
