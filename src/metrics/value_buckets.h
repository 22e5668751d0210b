// The buckets in which a script's own values are counted: as those of durations
// (buckets.h), but of doubles, from 1e-6 to 1e13. A value read back from its
// bucket is within 0.4 % of the one that was counted.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>

namespace molotov::metrics {

inline constexpr double kSmallestValue = 1e-6;
inline constexpr double kLargestValue = 1e13;

namespace value_buckets {

// Of a double above zero, the exponent and the upper bits behind the point, 128
// steps an octave, which are in the order of what they stand for.
inline constexpr int kLowerBits = 52 - 7;
constexpr uint64_t steps_of(double value) {
  return std::bit_cast<uint64_t>(value) >> kLowerBits;
}
inline constexpr uint64_t kFirstStep = steps_of(kSmallestValue);

}  // namespace value_buckets

// What is below kSmallestValue, zero and the negative ones too, has a bucket
// together.
inline constexpr size_t kLowBucket = 0;

// What is larger counts as kLargestValue. REQUIRES: it is finite.
constexpr size_t bucket_of_value(double value) {
  if (value < kSmallestValue) return kLowBucket;
  return value_buckets::steps_of(std::min(value, kLargestValue)) -
         value_buckets::kFirstStep + 1;
}

inline constexpr size_t kValueBuckets = bucket_of_value(kLargestValue) + 1;

// 0 of kLowBucket. REQUIRES: bucket < kValueBuckets.
constexpr double middle_of_values(size_t bucket) {
  if (bucket == kLowBucket) return 0;
  const uint64_t step = bucket - 1 + value_buckets::kFirstStep;
  const auto first = std::bit_cast<double>(step << value_buckets::kLowerBits);
  const auto next =
      std::bit_cast<double>((step + 1) << value_buckets::kLowerBits);
  return first + (next - first) / 2;
}

// No infinity, which would make what is taken from it no number.
constexpr double finite_sum(double one, double other) {
  constexpr double kMost = std::numeric_limits<double>::max();
  return std::clamp(one + other, -kMost, kMost);
}

}  // namespace molotov::metrics
