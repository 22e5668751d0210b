#include "load/arrivals.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

namespace molotov::load {
namespace {

using Times = std::vector<Duration>;

Times all_of(Arrivals arrivals) {
  Times times;
  for (; arrivals.next(); arrivals.advance()) {
    EXPECT_EQ(arrivals.number(), times.size());
    times.push_back(*arrivals.next());
  }
  return times;
}

void add(Times& times, const Times& more) {
  times.insert(times.end(), more.begin(), more.end());
}

Times constant(const Profile& profile, Share share = {}) {
  return all_of(Arrivals(profile, Arrival::constant, share, Random(1)));
}

TEST(Arrivals, OfAConstantRateAreExact) {
  const Profile profile({{10s, 10'000, 10'000}});
  const Times times = constant(profile);
  ASSERT_EQ(times.size(), 100'000u);
  for (size_t i = 0; i < times.size(); i++) ASSERT_EQ(times[i], i * 100us);
}

TEST(Arrivals, OfSeveralProcessesAreThoseOfOneTogether) {
  const Profile profile({{2s, 0, 333}, {1s, 333, 333}, {1s, 333, 0}});
  const Times whole = constant(profile);
  for (uint64_t processes : {2u, 3u, 7u}) {
    Times together;
    for (uint64_t i = 0; i < processes; i++)
      add(together, constant(profile, {i, processes}));
    std::ranges::sort(together);
    EXPECT_EQ(together, whole) << processes;
  }
}

TEST(Arrivals, EndAtTheirBoundHoweverManyProcesses) {
  const Profile profile({{1s, 0, 100}, {9s, 100, 100}});
  for (auto kind : {Arrival::constant, Arrival::poisson})
    for (uint64_t processes : {1u, 2u, 3u, 8u})
      for (uint64_t most : {1u, 2u, 7u, 100u})
        for (Duration from : {Duration(0s), Duration(1500ms)}) {
          uint64_t bounded = 0, before = 0, before_without = 0;
          Times of_bound;
          for (uint64_t i = 0; i < processes; i++) {
            Arrivals arrivals(profile, kind, {i, processes},
                              Random(3).derived(i));
            for (Duration at : all_of(arrivals)) before_without += at < from;
            arrivals.bound(most, from);
            for (Duration at : all_of(arrivals)) {
              before += at < from;
              bounded += at >= from;
              if (at >= from) of_bound.push_back(at);
            }
          }
          EXPECT_EQ(bounded, most);
          EXPECT_EQ(before, before_without);
          if (kind == Arrival::poisson) continue;
          // Of constant ones, the first so many.
          Times first = constant(profile);
          std::erase_if(first, [from](Duration at) { return at < from; });
          first.resize(most);
          std::ranges::sort(of_bound);
          EXPECT_EQ(of_bound, first);
        }
}

TEST(Arrivals, OfPoissonComeAsOftenAndIndependently) {
  const Profile profile({{100s, 1000, 1000}});
  for (uint64_t processes : {1u, 4u}) {
    Times times;
    for (uint64_t i = 0; i < processes; i++)
      add(times, all_of(Arrivals(profile, Arrival::poisson, {i, processes},
                                 Random(11).derived(i))));
    std::ranges::sort(times);
    // 100,000 expected, with a standard deviation of 316.
    EXPECT_NEAR(static_cast<double>(times.size()), 100'000, 1500);
    // Gaps are exponential: their mean is their standard deviation.
    double sum = 0, squares = 0;
    for (size_t i = 1; i < times.size(); i++) {
      const double gap = duration_to_seconds(times[i] - times[i - 1]) * 1000;
      sum += gap;
      squares += gap * gap;
    }
    const auto count = static_cast<double>(times.size() - 1);
    const double mean = sum / count;
    EXPECT_NEAR(mean, 1, .02);
    EXPECT_NEAR(std::sqrt(squares / count - mean * mean), 1, .02);
  }
}

TEST(Arrivals, OfPoissonFollowTheProfile) {
  const Profile profile({{100s, 0, 200}});
  const Times times =
      all_of(Arrivals(profile, Arrival::poisson, {}, Random(5)));
  const auto early =
      std::ranges::count_if(times, [](Duration at) { return at < 50s; });
  EXPECT_NEAR(static_cast<double>(times.size()), 10'000, 500);
  EXPECT_NEAR(static_cast<double>(early), 2500, 250);
}

TEST(Arrivals, AreTheSameForTheSameSeed) {
  const Profile profile({{1s, 1000, 1000}});
  const auto drawn = [&](uint64_t seed) {
    return all_of(Arrivals(profile, Arrival::poisson, {}, Random(seed)));
  };
  EXPECT_EQ(drawn(1), drawn(1));
  EXPECT_NE(drawn(1), drawn(2));
}

TEST(Arrivals, ACopyGoesItsOwnWay) {
  const Profile profile({{1s, 10, 10}});
  Arrivals first(profile, Arrival::constant, {}, Random(1));
  first.advance();
  Arrivals copy = first;
  copy.advance();
  EXPECT_EQ(first.next(), 100ms);
  EXPECT_EQ(copy.next(), 200ms);
}

}  // namespace
}  // namespace molotov::load
