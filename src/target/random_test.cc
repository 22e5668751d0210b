// Aim: a seed repeats, and the distributions are what they are called.
#include "target/random.h"

#include <gtest/gtest.h>

#include <cmath>

namespace molotov::target {
namespace {

constexpr int kDraws = 100'000;

TEST(RandomTest, SeedsRepeat) {
  Random one(7);
  Random same(7);
  Random other(8);
  int equal = 0;
  for (int i = 0; i < 1000; i++) {
    const double draw = one.unit();
    EXPECT_EQ(draw, same.unit());
    if (draw == other.unit()) equal++;
  }
  EXPECT_EQ(equal, 0);
}

TEST(RandomTest, UnitIsUniform) {
  Random random(1);
  double sum = 0;
  int below_tenth = 0;
  for (int i = 0; i < kDraws; i++) {
    const double draw = random.unit();
    ASSERT_GE(draw, 0);
    ASSERT_LT(draw, 1);
    sum += draw;
    if (draw < 0.1) below_tenth++;
  }
  EXPECT_NEAR(sum / kDraws, 0.5, 0.005);
  EXPECT_NEAR(below_tenth, kDraws / 10, 500);
}

TEST(RandomTest, NormalIsNormal) {
  Random random(1);
  double sum = 0;
  double squares = 0;
  int within_one = 0;
  int beyond_three = 0;
  for (int i = 0; i < kDraws; i++) {
    const double draw = random.normal();
    sum += draw;
    squares += draw * draw;
    if (std::abs(draw) < 1) within_one++;
    if (draw > 3) beyond_three++;
  }
  EXPECT_NEAR(sum / kDraws, 0, 0.02);
  EXPECT_NEAR(squares / kDraws, 1, 0.02);
  EXPECT_NEAR(within_one, 0.68269 * kDraws, 700);
  EXPECT_NEAR(beyond_three, 0.00135 * kDraws, 50);
}

}  // namespace
}  // namespace molotov::target
