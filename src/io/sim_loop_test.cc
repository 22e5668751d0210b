// The virtual clock: it stands where the deadlines put it.
#include "io/sim_loop.h"

#include <gtest/gtest.h>

#include <functional>
#include <vector>

namespace molotov::io {
namespace {

class TestWork final : public Work {
 public:
  std::function<void()> call = [] {};

 private:
  void on_turn() override { call(); }
};

TEST(SimLoop, JumpsToTheNextDeadlineButNotBeyondTheLongest) {
  SimLoop loop;
  const Instant began = loop.now();
  CallTimer timer([] {});
  loop.arm_after(timer, 5s);
  EXPECT_FALSE(loop.turn(2s));
  EXPECT_EQ(loop.now() - began, 2s);
  EXPECT_TRUE(loop.turn(Duration::max()));
  EXPECT_EQ(loop.now() - began, 5s);
}

TEST(SimLoop, StandsStillWithNothingToWaitFor) {
  SimLoop loop;
  const Instant began = loop.now();
  EXPECT_FALSE(loop.turn(Duration::max()));
  EXPECT_EQ(loop.now(), began);
}

TEST(SimLoop, AdvanceFiresEachTimerAtItsOwnInstant) {
  SimLoop loop;
  const Instant began = loop.now();
  std::vector<int64_t> fired;
  std::function<void()> again;
  CallTimer timer([&] { again(); });
  again = [&] {
    fired.push_back((loop.now() - began) / 1ms);
    loop.arm_after(timer, 300ms);
  };
  loop.arm_after(timer, 0ms);
  loop.advance(1s);
  EXPECT_EQ(fired, (std::vector<int64_t>{0, 300, 600, 900}));
  EXPECT_EQ(loop.now() - began, 1s);
}

TEST(SimLoop, TimeStandsStillWhileWorkIsQueued) {
  SimLoop loop;
  const Instant began = loop.now();
  CallTimer timer([] {});
  loop.arm_after(timer, 5s);
  int ran = 0;
  TestWork work;
  work.call = [&] {
    if (++ran < 3) loop.post(work);
  };
  loop.post(work);
  for (int turn = 1; turn <= 3; turn++) {
    EXPECT_TRUE(loop.turn(Duration::max()));
    EXPECT_EQ(ran, turn);  // queued by work: the next turn's
  }
  EXPECT_EQ(loop.now(), began);
}

TEST(SimLoop, HasNoDescriptors) {
  SimLoop loop;
  struct : Watcher {
    void on_ready(uint32_t) override {}
  } watcher;
  EXPECT_FALSE(loop.watch(0, watcher));
}

}  // namespace
}  // namespace molotov::io
