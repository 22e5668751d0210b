#include "base/random.h"

#include <gtest/gtest.h>

#include <cmath>
#include <set>

namespace molotov {
namespace {

TEST(Random, IsTheSameAtTheSamePlace) {
  const Random random(7), again(7), other(8);
  EXPECT_EQ(random.uniform(1000), again.uniform(1000));
  EXPECT_NE(random.uniform(1000), other.uniform(1000));
  EXPECT_NE(random.uniform(1000), random.uniform(1001));
  EXPECT_EQ(random.derived(3).uniform(5), again.derived(3).uniform(5));
  EXPECT_NE(random.derived(3).uniform(5), random.derived(4).uniform(5));
  EXPECT_NE(random.derived(0).uniform(5), random.uniform(5));
}

TEST(Random, IsUniform) {
  for (uint64_t seed : {0ull, 1ull, ~0ull}) {
    const Random random(seed);
    double sum = 0, squares = 0;
    constexpr int kDraws = 100'000;
    for (int i = 0; i < kDraws; i++) {
      const double drawn = random.uniform(static_cast<uint64_t>(i));
      ASSERT_GE(drawn, 0);
      ASSERT_LT(drawn, 1);
      sum += drawn;
      squares += drawn * drawn;
    }
    EXPECT_NEAR(sum / kDraws, 1.0 / 2, .005);
    EXPECT_NEAR(squares / kDraws, 1.0 / 3, .005);
  }
}

TEST(Random, NeighbouringSeedsAndPlacesDrawDifferently) {
  std::set<double> drawn;
  for (uint64_t seed = 0; seed < 100; seed++)
    for (uint64_t which = 0; which < 10; which++)
      for (uint64_t place = 0; place < 10; place++)
        drawn.insert(Random(seed).derived(which).uniform(place));
  EXPECT_EQ(drawn.size(), 10'000u);
}

}  // namespace
}  // namespace molotov
