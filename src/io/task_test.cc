// Coroutine tasks: values, stack use, and cancellation by destruction.
#include "io/task.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "io/sim_loop.h"

namespace molotov::io {
namespace {

Task<int> value(int n) {
  co_return n;
}

Task<int> sum_of(int times) {
  int sum = 0;
  for (int i = 0; i < times; i++) sum += co_await value(1);
  co_return sum;
}

Task<std::unique_ptr<int>> moved_only() {
  co_return std::make_unique<int>(5);
}

TEST(Task, DoesNothingBeforeItsStart) {
  bool ran = false;
  auto body = [&]() -> Task<> {
    ran = true;
    co_return;
  };
  Task<> task = body();
  EXPECT_FALSE(ran);
  EXPECT_FALSE(task.done());
  task.start();
  EXPECT_TRUE(ran);
  EXPECT_TRUE(task.done());
}

TEST(Task, GivesItsValue) {
  Task<std::unique_ptr<int>> task = moved_only();
  task.start();
  ASSERT_TRUE(task.done());
  EXPECT_EQ(*task.result(), 5);
}

TEST(Task, EmptyOneIsFalse) {
  Task<> task;
  EXPECT_FALSE(task);
  EXPECT_FALSE(task.done());
  task = []() -> Task<> { co_return; }();
  EXPECT_TRUE(task);
}

// What one task awaits and another finishes goes by symmetric transfer, which
// must not use stack.
TEST(Task, TwoMillionAwaitsUseNoStack) {
#if !defined(__clang__) && \
    (!defined(__OPTIMIZE__) || defined(__SANITIZE_ADDRESS__))
  GTEST_SKIP() << "GCC makes no tail calls in this kind of build; Clang does";
#endif
  Task<int> task = sum_of(2'000'000);
  task.start();
  ASSERT_TRUE(task.done());
  EXPECT_EQ(task.result(), 2'000'000);
}

TEST(Task, SleepsInOrder) {
  SimLoop loop;
  std::vector<std::string> log;
  auto sleeper = [&](std::string name, Duration span) -> Task<> {
    co_await sleep_for(loop, span);
    log.push_back(name);
    co_await sleep_until(loop, loop.now() + span);
    log.push_back(name);
  };
  Task<> slow = sleeper("slow", 3s);
  Task<> fast = sleeper("fast", 1s);
  slow.start();
  fast.start();
  loop.advance(10s);
  EXPECT_EQ(log, (std::vector<std::string>{"fast", "fast", "slow", "slow"}));
  EXPECT_TRUE(slow.done());
}

// Says when it is destroyed.
struct Witness {
  explicit Witness(int& count) : count(count) {}
  ~Witness() { count++; }
  int& count;
};

TEST(Task, DestroyedWhileItSleepsTakesItsTimersBack) {
  SimLoop loop;
  int destroyed = 0;
  auto inner = [&]() -> Task<> {
    Witness witness(destroyed);
    co_await sleep_for(loop, 1s);
    ADD_FAILURE() << "woke up after its end";
  };
  auto outer = [&]() -> Task<> {
    Witness witness(destroyed);
    co_await inner();
    ADD_FAILURE() << "went on after its end";
  };
  {
    Task<> task = outer();
    task.start();
    EXPECT_EQ(destroyed, 0);
  }
  EXPECT_EQ(destroyed, 2);
  EXPECT_FALSE(loop.turn(Duration::max()));  // no timer is armed
}

TEST(Completion, ResumesWhoAwaitsIt) {
  Completion<int> completion;
  int got = 0;
  auto waiter = [&]() -> Task<> { got = co_await completion; };
  Task<> task = waiter();
  task.start();
  EXPECT_FALSE(task.done());
  completion.set(7);
  EXPECT_TRUE(task.done());
  EXPECT_EQ(got, 7);
}

TEST(Completion, SetBeforeItIsAwaited) {
  Completion<int> completion;
  completion.set(7);
  EXPECT_TRUE(completion.is_set());
  auto waiter = [&]() -> Task<int> { co_return co_await completion; };
  Task<int> task = waiter();
  task.start();
  ASSERT_TRUE(task.done());
  EXPECT_EQ(task.result(), 7);
}

TEST(Completion, DoesNotResumeWhoWasDestroyed) {
  Completion<int> completion;
  auto waiter = [&]() -> Task<> {
    co_await completion;
    ADD_FAILURE() << "resumed after its end";
  };
  {
    Task<> task = waiter();
    task.start();
  }
  completion.set(1);
}

}  // namespace
}  // namespace molotov::io
