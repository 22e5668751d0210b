// Counts of durations in the buckets of buckets.h, for whoever reads and
// merges: what is counted while a request runs is counted on the board
// (series.h). As large as the range that it has seen, 32 KiB at most.
#pragma once

#include <cstdint>

#include "base/time.h"
#include "metrics/bucket_range.h"

namespace molotov::metrics {

class Histogram {
 public:
  void record(Duration value);
  // Adds another's counts, exactly.
  void merge(const Histogram& other);
  // Adds `count` durations of one bucket, whose exact values the caller knows
  // only as add_exact() has it. REQUIRES: bucket < kBuckets.
  void add(size_t bucket, uint64_t count);
  // What is known exactly of durations that were added by their buckets: their
  // sum, and the extremes.
  void add_exact(uint64_t sum_ns, Duration min, Duration max);

  uint64_t count() const { return count_; }
  bool empty() const { return count_ == 0; }
  Duration min() const { return min_; }  // 0 when empty; exact
  Duration max() const { return max_; }
  Duration mean() const;
  uint64_t sum_ns() const { return sum_ns_; }
  // The value below or at which `fraction` (0 to 1) of those recorded lie; the
  // middle of its bucket, but never beyond min and max. 0 when empty.
  Duration quantile(double fraction) const;
  // Which of them that is, from 1 in ascending order. REQUIRES: not empty.
  uint64_t rank_of(double fraction) const;
  // The value of that rank, as quantile() has it. REQUIRES: 1 <= rank <=
  // count().
  Duration at_rank(uint64_t rank) const;
  // How many are in buckets above that of `value`.
  uint64_t count_above(Duration value) const;

  const BucketRange<uint64_t>& buckets() const { return buckets_; }

 private:
  uint64_t count_ = 0;
  uint64_t sum_ns_ = 0;
  Duration min_{0};
  Duration max_{0};
  BucketRange<uint64_t> buckets_;
};

}  // namespace molotov::metrics
