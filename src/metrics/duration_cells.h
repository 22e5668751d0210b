// Counts of durations where they are written: in the board's memory, by one
// writer. A Histogram is made of them to read.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>

#include "base/time.h"
#include "metrics/buckets.h"
#include "metrics/count.h"
#include "metrics/histogram.h"

namespace molotov::metrics {

class DurationCells {
 public:
  void record(Duration value) {
    value = counted_as(value);
    const auto ns = static_cast<uint64_t>(value.count());
    if (ns > max_ns_.get()) max_ns_.set(ns);
    // Wraps round where there is none yet.
    if (ns - 1 < min_ns_.get() - 1) min_ns_.set(ns);
    sum_ns_.add(ns);
    buckets_[bucket_of(value)].add();
  }

  void add_to(Histogram& histogram) const {
    uint64_t count = 0;
    for (size_t i = 0; i < kBuckets; i++) {
      const uint64_t more = buckets_[i].get();
      if (more > 0) histogram.add(i, more);
      count += more;
    }
    if (count > 0)
      histogram.add_exact(sum_ns_.get(),
                          Duration(static_cast<int64_t>(min_ns_.get())),
                          Duration(static_cast<int64_t>(max_ns_.get())));
  }

 private:
  Count sum_ns_;
  Count min_ns_;  // 0: none yet
  Count max_ns_;
  std::array<Count, kBuckets> buckets_;
};

}  // namespace molotov::metrics
