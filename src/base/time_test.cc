// Spans that people give, among them ones that do not fit.
#include "base/time.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace molotov {
namespace {

TEST(Time, SecondsBecomeNanoseconds) {
  const struct {
    double seconds;
    Duration span;
  } rows[] = {
      {0, 0ns},        {1, 1s},
      {0.25, 250ms},   {0.29, 290ms},  // times 1e9 it is a little less
      {-1.5, -1500ms}, {1e-9, 1ns},
      {86400, 24h},    {std::nan(""), 0ns},
  };
  for (const auto& row : rows)
    EXPECT_EQ(seconds_to_duration(row.seconds), row.span) << row.seconds;
}

// A century stands for all that is longer, so that now + span is an instant.
TEST(Time, EndlessSpansAreCut) {
  for (double seconds :
       {1e10, 1e300, std::numeric_limits<double>::infinity()}) {
    const Duration span = seconds_to_duration(seconds);
    EXPECT_EQ(span, kLongestSpan);
    EXPECT_GT(MonotonicClock::now() + span, MonotonicClock::now());
    EXPECT_EQ(seconds_to_duration(-seconds), -kLongestSpan);
  }
}

TEST(Time, DurationInSeconds) {
  EXPECT_DOUBLE_EQ(duration_to_seconds(1500ms), 1.5);
}

}  // namespace
}  // namespace molotov
