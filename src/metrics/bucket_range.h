// A figure for each bucket, as far as there are any: from the first that has
// one to the last.
#pragma once

#include <vector>

#include "base/check.h"
#include "metrics/buckets.h"

namespace molotov::metrics {

template <typename T, size_t kMost = kBuckets>
class BucketRange {
 public:
  // The figure of a bucket, 0 at first. REQUIRES: bucket < kMost.
  T& at(size_t bucket) {
    CHECK(bucket < kMost);
    if (figures_.empty()) first_ = bucket;
    if (bucket < first_) {
      figures_.insert(figures_.begin(), first_ - bucket, T{});
      first_ = bucket;
    }
    if (bucket >= end()) figures_.resize(bucket - first_ + 1);
    return figures_[bucket - first_];
  }
  // Makes room for both ends at once.
  void cover(size_t first, size_t last) {
    at(last);
    at(first);
  }

  bool empty() const { return figures_.empty(); }
  size_t first() const { return first_; }
  size_t end() const { return first_ + figures_.size(); }
  // REQUIRES: first() <= bucket < end().
  T operator[](size_t bucket) const { return figures_[bucket - first_]; }

 private:
  size_t first_ = 0;
  std::vector<T> figures_;
};

}  // namespace molotov::metrics
