// Counts of durations, log-linear (the idea of HdrHistogram): 128 buckets an
// octave, so that a value read back is within 0.4 % of the one recorded, from
// 1 us to 1 h. Recording is one index computation and one store. Fixed size, no
// pointers: it can lie in shared memory. One writer; readers see each figure
// whole, not all figures of one instant.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>

#include "base/time.h"

namespace molotov::metrics {

class Histogram {
 public:
  // Shorter than 1 us counts as 1 us, longer than 1 h as 1 h.
  void record(Duration value);
  // Adds another's counts, exactly.
  void merge(const Histogram& other);
  void clear();

  uint64_t count() const;
  Duration min() const;  // 0 when empty; the exact value recorded
  Duration max() const;
  Duration mean() const;
  // The value below or at which `fraction` (0 to 1) of those recorded lie; the
  // middle of its bucket, but never beyond min and max. 0 when empty.
  Duration quantile(double fraction) const;

 private:
  static constexpr int kSubBits = 7;
  static constexpr size_t kBuckets = 4096;
  static size_t index_of(uint64_t ns);
  static uint64_t middle_of(size_t index);

  using Cell = std::atomic<uint64_t>;
  Cell count_{0};
  Cell sum_ns_{0};
  Cell min_ns_{0};
  Cell max_ns_{0};
  std::array<Cell, kBuckets> buckets_{};
};

}  // namespace molotov::metrics
