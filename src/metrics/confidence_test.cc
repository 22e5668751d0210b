// The ranks, against those that exact arithmetic gives.
#include "metrics/confidence.h"

#include <gtest/gtest.h>

#include <cmath>

namespace molotov::metrics {
namespace {

TEST(ConfidenceTest, RanksAreThoseOfTheBinomial) {
  const struct {
    uint64_t count;
    double fraction;
    double level;
    RankInterval ranks;
  } rows[] = {
      {0, 0.5, 0.95, {}},
      {1, 0.5, 0.95, {}},
      {5, 0.5, 0.95, {}},
      {6, 0.5, 0.95, {1, 6}},
      {10, 0.5, 0.95, {2, 9}},
      {10, 0.5, 0.99, {1, 10}},
      {100, 0.5, 0.95, {40, 61}},
      {100, 0.5, 0.99, {37, 64}},
      {100, 0.9, 0.95, {84, 96}},
      {100, 0.99, 0.95, {97, {}}},
      {299, 0.99, 0.95, {292, {}}},
      {368, 0.99, 0.95, {360, 368}},
      {400, 0.99, 0.95, {392, 400}},
      {1000, 0.99, 0.95, {983, 997}},
      {1000, 0.99, 0.99, {981, 998}},
      {3000, 0.999, 0.95, {2993, {}}},
      {1000, 0.05, 0.95, {37, 65}},
      {20, 0.01, 0.95, {{}, 2}},
  };
  for (const auto& row : rows)
    EXPECT_EQ(confidence_ranks(row.count, row.fraction, row.level), row.ranks)
        << row.count << " " << row.fraction << " " << row.level;
}

// Where the normal distribution is as good: 1.96 standard deviations around.
TEST(ConfidenceTest, OfVeryMany) {
  constexpr uint64_t kMany = 1'000'000'000;
  const RankInterval ranks = confidence_ranks(kMany, 0.99, 0.95);
  const double spread = 1.959964 * std::sqrt(kMany * 0.99 * 0.01);
  EXPECT_NEAR(static_cast<double>(*ranks.low), kMany * 0.99 - spread, 3);
  EXPECT_NEAR(static_cast<double>(*ranks.high), kMany * 0.99 + spread, 3);
}

TEST(ConfidenceTest, ValuesAreThoseOfTheRanks) {
  Histogram histogram;
  for (int i = 1; i <= 100; i++) histogram.record(i * 1ms);
  const ConfidenceInterval middle = confidence_interval(histogram, 0.5, 0.95);
  EXPECT_EQ(middle.low, histogram.at_rank(40));
  EXPECT_EQ(middle.high, histogram.at_rank(61));
  const ConfidenceInterval tail = confidence_interval(histogram, 0.99, 0.95);
  EXPECT_EQ(tail.low, histogram.at_rank(97));
  EXPECT_FALSE(tail.high);
}

}  // namespace
}  // namespace molotov::metrics
