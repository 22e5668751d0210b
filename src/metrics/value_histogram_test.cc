// Aim: whatever finite values are counted, they are read back within 0.5 %.
#include "metrics/value_histogram.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

namespace molotov::metrics {
namespace {

ValueHistogram counted(const std::vector<double>& values) {
  ValueHistogram histogram;
  for (const double value : values) {
    histogram.add(bucket_of_value(value), 1);
    histogram.add_exact(value, value, value);
  }
  return histogram;
}

TEST(ValueBuckets, EveryValueIsNearTheMiddleOfItsBucket) {
  for (double value = kSmallestValue; value < kLargestValue; value *= 1.00037) {
    const size_t bucket = bucket_of_value(value);
    ASSERT_LT(bucket, kValueBuckets);
    EXPECT_LE(std::abs(middle_of_values(bucket) - value), value * 0.004)
        << value;
  }
}

TEST(ValueBuckets, TheyAreInOrderWithoutGaps) {
  for (size_t bucket = 2; bucket + 1 < kValueBuckets; bucket++)
    EXPECT_EQ(bucket_of_value(middle_of_values(bucket)), bucket);
}

TEST(ValueBuckets, WhatIsBeyondIsCountedAtTheEnds) {
  constexpr double kMost = std::numeric_limits<double>::max();
  for (const double value : {-kMost, -1.0, -0.0, 0.0, 5e-324, 9.99e-7})
    EXPECT_EQ(bucket_of_value(value), kLowBucket) << value;
  EXPECT_EQ(bucket_of_value(kSmallestValue), 1u);
  EXPECT_EQ(bucket_of_value(kMost), kValueBuckets - 1);
}

TEST(ValueHistogram, Empty) {
  const ValueHistogram histogram;
  EXPECT_EQ(histogram.count(), 0u);
  EXPECT_EQ(histogram.mean(), 0);
  EXPECT_EQ(histogram.quantile(0.5), 0);
}

TEST(ValueHistogram, ExactWhereItSaysSo) {
  const ValueHistogram histogram = counted({12.5, -3, 0, 1e15});
  EXPECT_EQ(histogram.count(), 4u);
  EXPECT_EQ(histogram.sum(), 1e15 + 9.5);
  EXPECT_EQ(histogram.min(), -3);
  EXPECT_EQ(histogram.max(), 1e15);
  EXPECT_EQ(histogram.quantile(0), -3);
  EXPECT_EQ(histogram.quantile(0.5), 0);
  EXPECT_NEAR(histogram.quantile(0.75), 12.5, 12.5 * 0.004);
  EXPECT_EQ(histogram.quantile(1), 1e15);
}

TEST(ValueHistogram, OnlyNegativeOnesStayBetweenTheExtremes) {
  EXPECT_EQ(counted({-3, -2, -1}).quantile(0.5), -1);
}

TEST(ValueHistogram, TheSumStaysFinite) {
  constexpr double kMost = std::numeric_limits<double>::max();
  EXPECT_EQ(counted({kMost, kMost}).sum(), kMost);
}

TEST(ValueHistogram, MergesExactly) {
  ValueHistogram all = counted({-1, 4});
  all.merge({});
  all.merge(counted({-5, 2}));
  EXPECT_EQ(all.count(), 4u);
  EXPECT_EQ(all.sum(), 0);
  EXPECT_EQ(all.min(), -5);
  EXPECT_EQ(all.max(), 4);
  ValueHistogram into;
  into.merge(all);
  EXPECT_EQ(into.min(), -5);
}

}  // namespace
}  // namespace molotov::metrics
