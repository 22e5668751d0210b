#include "load/profile.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace molotov::load {
namespace {

using Changes = std::vector<WorkersChange>;

TEST(Profile, OfAConstantRateSpacesArrivalsEvenly) {
  const Profile profile({{10s, 500, 500}});
  EXPECT_EQ(profile.length(), 10s);
  EXPECT_DOUBLE_EQ(profile.total(), 5000);
  EXPECT_EQ(profile.time_of(0), 0s);
  EXPECT_EQ(profile.time_of(1), 2ms);
  EXPECT_EQ(profile.time_of(4999), 9998ms);
  EXPECT_EQ(profile.time_of(5000), std::nullopt);
}

TEST(Profile, OfARisingRateBringsHalfAsMany) {
  const Profile profile({{10s, 0, 100}});
  EXPECT_DOUBLE_EQ(profile.total(), 500);
  EXPECT_EQ(profile.time_of(0), 0s);
  EXPECT_EQ(profile.time_of(125), 5s);  // a quarter, in half of the time
  EXPECT_EQ(profile.time_of(500), std::nullopt);
}

TEST(Profile, OfAFallingRate) {
  const Profile profile({{10s, 100, 0}});
  EXPECT_EQ(profile.time_of(375), 5s);
  EXPECT_LT(*profile.time_of(499), 10s);
  EXPECT_EQ(profile.time_of(500), std::nullopt);
}

TEST(Profile, WaitsWhereNothingIsAskedFor) {
  const Profile profile({{10s, 0, 0}, {0s, 0, 100}, {1s, 100, 100}});
  EXPECT_EQ(profile.time_of(0), 10s);
  EXPECT_EQ(profile.time_of(50), 10s + 500ms);
}

TEST(Profile, OfPiecesHasNeitherGapsNorDoubles) {
  const Profile profile(
      {{3s, 0, 70}, {7s, 70, 70}, {11s, 70, 10}, {2s, 10, 0}});
  const double total = 105 + 490 + 440 + 10;
  EXPECT_DOUBLE_EQ(profile.total(), total);
  Duration before{-1};
  for (int i = 0; i < static_cast<int>(total); i++) {
    const auto at = profile.time_of(i);
    ASSERT_TRUE(at) << i;
    ASSERT_GT(*at, before) << i;
    ASSERT_LT(*at, profile.length()) << i;
    before = *at;
  }
  EXPECT_EQ(profile.time_of(total), std::nullopt);
}

TEST(Profile, IsExactAfterADay) {
  const Profile profile({{24h, 10'000, 10'000}});
  EXPECT_EQ(profile.time_of(863'999'999), 24h - 100us);
  EXPECT_EQ(profile.time_of(864'000'000), std::nullopt);
}

// Rates and times that have no exact form in binary.
TEST(Profile, HasAsManyArrivalsAsItsArea) {
  for (double rate : {0.1, 1.0 / 3, 7.7, 333.3, 30'000.0 / 60})
    for (int ms : {100, 333, 1000, 12'345}) {
      const Profile profile({{std::chrono::milliseconds(ms), rate, rate}});
      const double area = rate * ms / 1000;
      const double last = std::ceil(area - 1e-9) - 1;
      EXPECT_TRUE(profile.time_of(last)) << rate << " " << ms;
      EXPECT_FALSE(profile.time_of(last + 1)) << rate << " " << ms;
    }
}

TEST(Profile, OfWorkersTellsWhenThereIsOneMoreOrLess) {
  const Profile profile({{4s, 0, 2}, {1s, 2, 2}, {0s, 2, 3}, {3s, 3, 0}});
  EXPECT_EQ(profile.workers_changes(),
            Changes({{0s, 1}, {2s, 2}, {5s, 3}, {6s, 2}, {7s, 1}, {8s, 0}}));
}

}  // namespace
}  // namespace molotov::load
