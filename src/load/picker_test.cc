// The weighted choice, by tables of draws.
#include "load/picker.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace molotov::load {
namespace {

std::vector<ScenarioInfo> with_weights(const std::vector<double>& weights) {
  std::vector<ScenarioInfo> scenarios;
  for (double weight : weights)
    scenarios.push_back(
        {std::string(1, char('a' + scenarios.size())), weight, Duration(0)});
  return scenarios;
}

const double kLargestDraw = std::nextafter(1.0, 0.0);

TEST(Picker, DrawIsLookedUpAmongTheCumulativeWeights) {
  const struct {
    std::vector<double> weights;
    double draw;
    size_t picked;
  } rows[] = {
      {{1}, 0, 0},
      {{1}, 0.5, 0},
      {{1}, kLargestDraw, 0},
      {{10, 90}, 0, 0},
      {{10, 90}, 0.0999, 0},
      {{10, 90}, 0.1, 1},  // the first whose sum exceeds it
      {{10, 90}, kLargestDraw, 1},
      {{1, 2, 1}, 0.24, 0},
      {{1, 2, 1}, 0.25, 1},
      {{1, 2, 1}, 0.74, 1},
      {{1, 2, 1}, 0.75, 2},
      {{0.5, 0.5}, 0.49, 0},
      {{0.5, 0.5}, 0.51, 1},
      {{0, 3, 0}, 0, 1},  // a weight of 0 is never picked
      {{0, 3, 0}, kLargestDraw, 1},
      {{-4, 3, -4}, 0.99, 1},
      {{NAN, 1}, 0, 1},
      {{1, INFINITY, 1}, 0.5, 2},  // senseless, but one is picked
  };
  for (const auto& row : rows)
    EXPECT_EQ(Picker(with_weights(row.weights)).pick(row.draw), row.picked)
        << row.draw;
}

// Draw times sum rounded up to the sum: 2.7 picks nothing and counts a failure.
TEST(Picker, LargestDrawAlwaysPicks) {
  for (double weight = 1; weight < 2; weight += 1.0 / 1024) {
    const Picker picker(with_weights({weight, std::nextafter(weight, 2.0), 0}));
    ASSERT_EQ(picker.pick(kLargestDraw), 1u) << weight;
    ASSERT_EQ(picker.pick(1.0), 1u) << weight;
  }
}

TEST(Picker, OrderOfTheScenariosDoesNotMatter) {
  const Picker picker({{"c", 1, Duration(0)},
                       {"a", 2, Duration(0)},
                       {"b", 0, Duration(0)},
                       {"B", 1, Duration(0)}});
  EXPECT_EQ(picker.pick(0), 3u);  // capitals come first, as in Python
  EXPECT_EQ(picker.pick(0.24), 3u);
  EXPECT_EQ(picker.pick(0.25), 1u);
  EXPECT_EQ(picker.pick(0.74), 1u);
  EXPECT_EQ(picker.pick(0.75), 0u);
  EXPECT_EQ(picker.pick(kLargestDraw), 0u);
}

TEST(Picker, PicksInProportion) {
  const Picker picker(with_weights({1, 2, 3, 4}));
  std::vector<int> picked(4);
  for (int i = 0; i < 1000; i++) picked[picker.pick(i / 1000.0)]++;
  EXPECT_EQ(picked, (std::vector<int>{100, 200, 300, 400}));
}

}  // namespace
}  // namespace molotov::load
