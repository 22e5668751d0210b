// A loop as another's guest: when its descriptor is readable, and that its
// clock is right. Nothing here depends on how long anything takes.
#include "io/guest.h"

#include <gtest/gtest.h>
#include <poll.h>

#include <functional>
#include <memory>

namespace molotov::io {
namespace {

class TestWork final : public Work {
 public:
  std::function<void()> call = [] {};
  int ran = 0;

 private:
  void on_turn() override {
    ran++;
    call();
  }
};

class GuestTest : public testing::Test {
 protected:
  // Whether a turn is wanted, now or within `longest_ms`; -1: ever.
  bool turn_is_wanted(int longest_ms = 0) {
    pollfd watched{guest_->descriptor(), POLLIN, 0};
    return poll(&watched, 1, longest_ms) == 1;
  }
  void take_all_turns() {
    while (turn_is_wanted()) guest_->turn();
  }

  std::unique_ptr<EpollLoop> loop_ = std::move(*EpollLoop::create());
  std::unique_ptr<Guest> guest_ = std::move(*Guest::create(*loop_));
};

TEST_F(GuestTest, WantsNoTurnWhereThereIsNothingToDo) {
  EXPECT_FALSE(turn_is_wanted());
}

TEST_F(GuestTest, WorkFromBetweenTwoTurnsIsDoneInTheNext) {
  TestWork work;
  guest_->enter();
  loop_->post(work);
  EXPECT_TRUE(turn_is_wanted());
  guest_->turn();
  EXPECT_EQ(work.ran, 1);
  EXPECT_FALSE(turn_is_wanted());
}

TEST_F(GuestTest, WorkOfWorkHasTheNextTurn) {
  TestWork first, second;
  first.call = [&] { loop_->post(second); };
  guest_->enter();
  loop_->post(first);
  guest_->turn();
  EXPECT_EQ(second.ran, 0);
  ASSERT_TRUE(turn_is_wanted());
  guest_->turn();
  EXPECT_EQ(second.ran, 1);
  EXPECT_FALSE(turn_is_wanted());
}

TEST_F(GuestTest, ATimerMakesItReadableWhenItIsDue) {
  bool fired = false;
  CallTimer timer([&] { fired = true; });
  guest_->enter();
  loop_->arm_after(timer, 1ms);
  while (!fired) {
    ASSERT_TRUE(turn_is_wanted(-1));
    guest_->turn();
  }
  EXPECT_GE(loop_->now(), timer.deadline());
  EXPECT_FALSE(turn_is_wanted());
}

TEST_F(GuestTest, ATimerBeforeAnotherIsMetToo) {
  bool fired = false;
  CallTimer late([] {});
  CallTimer early([&] { fired = true; });
  guest_->enter();
  loop_->arm_after(late, std::chrono::hours(1));
  take_all_turns();
  guest_->enter();
  loop_->arm_after(early, 1ms);
  while (!fired) {
    ASSERT_TRUE(turn_is_wanted(-1));
    guest_->turn();
  }
  EXPECT_TRUE(late.armed());
}

TEST_F(GuestTest, TheAlarmOfATimerThatIsGoneIsHarmless) {
  {
    CallTimer timer([] { FAIL(); });
    guest_->enter();
    loop_->arm_after(timer, 1ms);
    take_all_turns();
  }
  ASSERT_TRUE(turn_is_wanted(-1));
  guest_->turn();
  EXPECT_FALSE(turn_is_wanted());
}

TEST_F(GuestTest, ItsClockIsRightOnceItWasEntered) {
  guest_->turn();
  const Instant then = MonotonicClock::now();
  EXPECT_LE(loop_->now(), then);
  while (MonotonicClock::now() == then) {
  }
  guest_->enter();
  EXPECT_GT(loop_->now(), then);
}

}  // namespace
}  // namespace molotov::io
