// Autosizing fed second by second.
#include "metrics/sizing.h"

#include <gtest/gtest.h>

namespace molotov::metrics {
namespace {

// A load whose counts one moves, and a Sizing that watches it.
class SizingTest : public testing::Test {
 protected:
  bool second_passes(uint64_t succeeded, uint64_t failed) {
    now_ += 1s;
    totals_.runs_succeeded += succeeded;
    totals_.runs_failed += failed;
    return sizing_.observe(now_, totals_);
  }
  // Whether it was reached in that many seconds of the same.
  bool seconds_pass(int seconds, uint64_t succeeded, uint64_t failed) {
    for (int i = 0; i < seconds; i++)
      if (second_passes(succeeded, failed)) return true;
    return false;
  }

  Instant now_{1h};
  Totals totals_;
  Sizing sizing_{5.0, now_};
};

TEST_F(SizingTest, ThresholdIsAShareOfAllRunsAndStrict) {
  const struct {
    uint64_t succeeded, failed;
    bool reached;
  } rows[] = {
      {0, 0, false},  {95, 5, false},  // 5 % is not above 5 %
      {94, 6, true},  {952, 50, false}, {948, 52, true},
      {0, 99, false},  // too few to tell
      {0, 100, true},  // down from the start
      {1, 98, false}, {2, 98, true},    {1'000'000, 0, false},
  };
  for (const auto& row : rows) {
    Sizing sizing(5.0, now_);
    Totals totals;
    totals.runs_succeeded = row.succeeded;
    totals.runs_failed = row.failed;
    EXPECT_EQ(sizing.observe(now_ + 1s, totals), row.reached)
        << row.succeeded << " " << row.failed;
  }
}

TEST_F(SizingTest, MinuteSlides) {
  EXPECT_FALSE(seconds_pass(600, 100, 4));  // 3.8 %, for ten minutes
  // From then on 10 %: of the minute's runs, 5 % after some 12 seconds.
  int seconds = 0;
  while (!second_passes(90, 10)) ASSERT_LT(++seconds, 30);
  EXPECT_GT(seconds, 8);
  EXPECT_GT(sizing_.verdict().error_ratio, 5.0);
  EXPECT_LT(sizing_.verdict().error_ratio, 5.2);
}

TEST_F(SizingTest, WhatIsOlderThanAMinuteIsForgotten) {
  EXPECT_FALSE(seconds_pass(10, 0, 9));  // 90 failures
  EXPECT_FALSE(seconds_pass(60, 0, 0));
  EXPECT_FALSE(second_passes(0, 20));
  EXPECT_EQ(sizing_.verdict().last_minute.failed, 20u);
  EXPECT_TRUE(second_passes(0, 80));
}

TEST_F(SizingTest, SecondsAddUpWithinTheMinute) {
  EXPECT_FALSE(seconds_pass(49, 0, 2));
  EXPECT_TRUE(seconds_pass(1, 0, 2));
}

TEST_F(SizingTest, MayBeAskedAtAnyPace) {
  // Ten times a second it holds no more, and decides the same.
  for (int i = 0; i < 6000; i++) {
    now_ += 100ms;
    totals_.runs_succeeded += 10;
    ASSERT_FALSE(sizing_.observe(now_, totals_));
  }
  EXPECT_NEAR(static_cast<double>(sizing_.verdict().last_minute.succeeded),
              6000, 100);
  // Seldom, the minute is what there is.
  now_ += 10min;
  totals_.runs_failed += 1000;
  EXPECT_TRUE(sizing_.observe(now_, totals_));
}

TEST_F(SizingTest, VerdictStands) {
  totals_.workers_started = 7;
  EXPECT_TRUE(second_passes(100, 100));
  totals_.workers_started = 9;
  EXPECT_TRUE(seconds_pass(120, 1000, 0));
  const SizingVerdict& verdict = sizing_.verdict();
  EXPECT_TRUE(verdict.reached);
  EXPECT_EQ(verdict.workers, 7u);
  EXPECT_EQ(verdict.error_ratio, 50.0);
  EXPECT_EQ(verdict.last_minute.succeeded, 100u);
  EXPECT_EQ(verdict.last_minute.failed, 100u);
}

TEST_F(SizingTest, CancelledRunsAreNeither) {
  totals_.runs_cancelled = 1000;
  EXPECT_FALSE(second_passes(0, 50));
  EXPECT_EQ(sizing_.verdict().last_minute.runs(), 50u);
}

}  // namespace
}  // namespace molotov::metrics
