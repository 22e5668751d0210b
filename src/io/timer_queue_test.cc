// The queue of timers against a sorted vector, and what timers may do while
// they fire.
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <random>
#include <vector>

#include "io/loop.h"

namespace molotov::io {
namespace {

class TestTimer final : public Timer {
 public:
  std::function<void()> call = [] {};

 private:
  void on_timer() override { call(); }
};

Instant at(int64_t ns) {
  return Instant(Duration(ns));
}

TEST(TimerQueue, EmptyHasNothingNext) {
  TimerQueue queue;
  EXPECT_EQ(queue.next(), Instant::max());
  EXPECT_EQ(queue.fire(at(1'000'000)), 0u);
}

TEST(TimerQueue, ManyFireInOrder) {
  constexpr size_t kTimers = 200'000;
  std::mt19937_64 random(1);
  TimerQueue queue;
  std::vector<TestTimer> timers(kTimers);
  std::vector<int64_t> wanted(kTimers);
  std::vector<int64_t> fired;
  for (TestTimer& timer : timers)
    timer.call = [&fired, &timer] {
      EXPECT_FALSE(timer.armed());
      fired.push_back(timer.deadline().time_since_epoch().count());
    };

  // Armed, moved, and a third of them disarmed, all in random order.
  const auto any_time = [&] { return static_cast<int64_t>(random() >> 20); };
  for (TestTimer& timer : timers) queue.arm(timer, at(any_time()));
  std::vector<size_t> order(kTimers);
  for (size_t i = 0; i < kTimers; i++) order[i] = i;
  std::shuffle(order.begin(), order.end(), random);
  for (size_t i : order) {
    wanted[i] = any_time();
    queue.arm(timers[i], at(wanted[i]));
  }
  EXPECT_EQ(queue.size(), kTimers);
  std::shuffle(order.begin(), order.end(), random);
  for (size_t i = 0; i < kTimers / 3; i++) {
    queue.disarm(timers[order[i]]);
    wanted[order[i]] = -1;
  }
  std::erase(wanted, -1);
  std::ranges::sort(wanted);
  EXPECT_EQ(queue.size(), wanted.size());
  EXPECT_EQ(queue.next(), at(wanted.front()));

  // In many steps of the clock: none early, none late.
  const int64_t step = wanted.back() / 100;
  for (int64_t now = 0; queue.size() > 0; now += step) {
    queue.fire(at(now));
    ASSERT_GT(queue.next(), at(now));
    ASSERT_TRUE(fired.empty() || fired.back() <= now);
  }
  EXPECT_EQ(fired, wanted);
}

TEST(TimerQueue, DisarmedTwiceOrDestroyedDoesNotFire) {
  TimerQueue queue;
  TestTimer kept;
  int fired = 0;
  kept.call = [&] { fired++; };
  {
    TestTimer destroyed;
    destroyed.call = [&] { fired += 100; };
    queue.arm(destroyed, at(1));
    queue.arm(kept, at(2));
  }
  EXPECT_EQ(queue.size(), 1u);
  queue.disarm(kept);
  queue.disarm(kept);
  EXPECT_EQ(queue.fire(at(10)), 0u);
  queue.arm(kept, at(2));
  EXPECT_EQ(queue.fire(at(10)), 1u);
  EXPECT_EQ(fired, 1);
}

TEST(TimerQueue, DueAtTheInstantItself) {
  TimerQueue queue;
  TestTimer timer;
  queue.arm(timer, at(5));
  EXPECT_EQ(queue.fire(at(4)), 0u);
  EXPECT_EQ(queue.fire(at(5)), 1u);
}

TEST(TimerQueue, TimersMayDisarmAndDestroyOneAnother) {
  TimerQueue queue;
  TestTimer first, second;
  auto third = std::make_unique<TestTimer>();
  first.call = [&] {
    queue.disarm(second);
    third.reset();
  };
  second.call = [] { FAIL(); };
  third->call = [] { FAIL(); };
  queue.arm(first, at(1));
  queue.arm(second, at(2));
  queue.arm(*third, at(3));
  EXPECT_EQ(queue.fire(at(10)), 1u);
  EXPECT_EQ(queue.size(), 0u);
}

TEST(TimerQueue, TimerMayDestroyItself) {
  TimerQueue queue;
  auto timer = std::make_unique<TestTimer>();
  timer->call = [&] { timer.reset(); };
  queue.arm(*timer, at(1));
  EXPECT_EQ(queue.fire(at(10)), 1u);
}

// One that is always late must not keep the others from firing.
TEST(TimerQueue, ArmedForThePastWaitsForTheNextTurnBehindTheOthers) {
  TimerQueue queue;
  TestTimer late, other;
  int late_fired = 0, other_fired = 0;
  late.call = [&] {
    late_fired++;
    queue.arm(late, at(1));
  };
  other.call = [&] { other_fired++; };
  queue.arm(late, at(1));
  queue.arm(other, at(9));
  EXPECT_EQ(queue.fire(at(10)), 2u);
  EXPECT_EQ(late_fired, 1);
  EXPECT_EQ(other_fired, 1);
  EXPECT_EQ(late.deadline(), at(1));
  EXPECT_EQ(queue.fire(at(11)), 1u);
  EXPECT_EQ(late_fired, 2);
}

TEST(TimerQueue, DestroyedQueueLeavesItsTimers) {
  TestTimer timer;
  {
    TimerQueue queue;
    queue.arm(timer, at(1));
    EXPECT_TRUE(timer.armed());
  }
  EXPECT_FALSE(timer.armed());
}

}  // namespace
}  // namespace molotov::io
