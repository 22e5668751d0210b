// The buckets in which durations are counted, log-linear (the idea of
// HdrHistogram): 128 an octave, so that a duration read back from its bucket is
// within 0.4 % of the one that was counted, from 1 us to 1 h.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>

#include "base/time.h"

namespace molotov::metrics {

inline constexpr Duration kShortest = 1us;
inline constexpr Duration kLongest = 1h;

namespace buckets {

// 1 us to 1 h is a little less than 32 octaves, but 1,000 is not where one
// begins. Shifted by this it is.
inline constexpr uint64_t kOffset = 24;
inline constexpr int kSubBits = 7;
inline constexpr uint64_t kInOctave = uint64_t{1} << kSubBits;

// Of GCC 12 std::bit_width is as wide as its argument; the standard's is int.
constexpr int width_of(uint64_t value) {
  return static_cast<int>(std::bit_width(value));
}

inline constexpr int kFirstOctave = width_of(kShortest.count() + kOffset);

}  // namespace buckets

// What is shorter or longer counts as kShortest and kLongest.
constexpr Duration counted_as(Duration value) {
  return std::clamp(value, kShortest, kLongest);
}

// REQUIRES: kShortest <= value <= kLongest. The octave gives the upper bits of
// the index, the kSubBits bits behind the leading one the lower.
constexpr size_t bucket_of(Duration value) {
  const uint64_t shifted =
      static_cast<uint64_t>(value.count()) + buckets::kOffset;
  const int octave = buckets::width_of(shifted);
  const uint64_t sub =
      (shifted >> (octave - 1 - buckets::kSubBits)) & (buckets::kInOctave - 1);
  return (static_cast<size_t>(octave - buckets::kFirstOctave)
          << buckets::kSubBits) +
         sub;
}

inline constexpr size_t kBuckets = bucket_of(kLongest) + 1;

// REQUIRES: bucket < kBuckets.
constexpr Duration middle_of(size_t bucket) {
  const int octave =
      static_cast<int>(bucket >> buckets::kSubBits) + buckets::kFirstOctave;
  const int width_bits = octave - 1 - buckets::kSubBits;
  const uint64_t first =
      (buckets::kInOctave + (bucket & (buckets::kInOctave - 1))) << width_bits;
  const uint64_t width = uint64_t{1} << width_bits;
  return Duration(first + (width - 1) / 2 - buckets::kOffset);
}

}  // namespace molotov::metrics
