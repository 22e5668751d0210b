// The loop on real descriptors: what is told, when, and what may be undone
// while it is being told. Nothing here depends on how long anything takes.
#include "io/epoll_loop.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "io/task.h"

namespace molotov::io {
namespace {

class TestWatcher final : public Watcher {
 public:
  std::function<void(uint32_t)> call = [](uint32_t) {};
  void on_ready(uint32_t events) override {
    told++;
    call(events);
  }
  int told = 0;
};

class TestWork final : public Work {
 public:
  std::function<void()> call = [] {};

 private:
  void on_turn() override { call(); }
};

// Two connected sockets.
struct Pair {
  Pair() {
    int ends[2];
    EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends), 0);
    ours.reset(ends[0]);
    theirs.reset(ends[1]);
  }
  void send() { EXPECT_EQ(::write(theirs.get(), "x", 1), 1); }
  void receive() {
    char byte;
    EXPECT_EQ(::read(ours.get(), &byte, 1), 1);
  }
  Fd ours, theirs;
};

class EpollLoopTest : public testing::Test {
 protected:
  std::unique_ptr<EpollLoop> loop_ = std::move(*EpollLoop::create());
};

TEST_F(EpollLoopTest, TellsAWatcherOnceAnEdge) {
  Pair pair;
  TestWatcher watcher;
  ASSERT_TRUE(loop_->watch(pair.ours.get(), watcher));
  loop_->turn(0ns);
  EXPECT_EQ(watcher.told, 1);  // writable
  loop_->turn(0ns);
  EXPECT_EQ(watcher.told, 1);
  pair.send();
  watcher.call = [](uint32_t events) { EXPECT_TRUE(events & EPOLLIN); };
  loop_->turn(Duration::max());
  EXPECT_EQ(watcher.told, 2);
  EXPECT_FALSE(loop_->turn(0ns));  // unread, but told already
}

TEST_F(EpollLoopTest, LevelIsToldUntilItIsRead) {
  Pair pair;
  TestWatcher watcher;
  ASSERT_TRUE(loop_->watch_level(pair.ours.get(), EPOLLIN, watcher));
  EXPECT_FALSE(loop_->turn(0ns));
  pair.send();
  loop_->turn(0ns);
  loop_->turn(0ns);
  EXPECT_EQ(watcher.told, 2);
  pair.receive();
  loop_->turn(0ns);
  EXPECT_EQ(watcher.told, 2);
  // Again, for other events.
  ASSERT_TRUE(loop_->watch_level(pair.ours.get(), EPOLLOUT, watcher));
  loop_->turn(0ns);
  EXPECT_EQ(watcher.told, 3);
}

TEST_F(EpollLoopTest, WatchFailsWithItsErrno) {
  TestWatcher watcher;
  auto watched = loop_->watch(-1, watcher);
  ASSERT_FALSE(watched);
  EXPECT_EQ(watched.error().sys_errno, EBADF);
}

TEST_F(EpollLoopTest, UnwatchedInACallbackIsNotToldOfWhatWasFound) {
  Pair one, two;
  TestWatcher first, second;
  const auto drop_both = [&](uint32_t) {
    loop_->unwatch(one.ours.get(), first);
    loop_->unwatch(two.ours.get(), second);
  };
  first.call = second.call = drop_both;
  ASSERT_TRUE(loop_->watch_level(one.ours.get(), EPOLLIN, first));
  ASSERT_TRUE(loop_->watch_level(two.ours.get(), EPOLLIN, second));
  one.send();
  two.send();
  loop_->turn(0ns);
  EXPECT_EQ(first.told + second.told, 1);
  EXPECT_FALSE(loop_->turn(0ns));
}

// A watcher that, told, destroys itself and the other one.
struct Destroyer final : Watcher {
  using Both = std::unique_ptr<Destroyer>[2];
  Destroyer(EpollLoop& loop, Both& both, int& told)
      : loop(loop), both(both), told(told) {
    EXPECT_TRUE(loop.watch(pair.ours.get(), *this));
  }
  ~Destroyer() { loop.unwatch(pair.ours.get(), *this); }
  void on_ready(uint32_t) override {
    told++;
    Both& all = both;  // outlives this object
    for (auto& one : all) one.reset();
  }
  Pair pair;
  EpollLoop& loop;
  Both& both;
  int& told;
};

TEST_F(EpollLoopTest, WatcherMayDestroyItselfAndOthers) {
  int told = 0;
  Destroyer::Both both;
  for (auto& one : both) one = std::make_unique<Destroyer>(*loop_, both, told);
  loop_->turn(0ns);
  EXPECT_EQ(told, 1);
  EXPECT_FALSE(loop_->turn(0ns));
}

TEST_F(EpollLoopTest, WatchedInACallbackIsToldInALaterTurn) {
  Pair one, two;
  TestWatcher first, second;
  first.call = [&](uint32_t) {
    ASSERT_TRUE(loop_->watch(two.ours.get(), second));
  };
  ASSERT_TRUE(loop_->watch_level(one.ours.get(), EPOLLIN, first));
  one.send();
  loop_->turn(0ns);
  EXPECT_EQ(second.told, 0);
  loop_->unwatch(one.ours.get(), first);
  loop_->turn(Duration::max());
  EXPECT_EQ(second.told, 1);
}

TEST_F(EpollLoopTest, MoreReadyThanOneWaitTakesAreAllTold) {
  std::vector<Pair> pairs(400);
  TestWatcher watcher;
  for (Pair& pair : pairs) ASSERT_TRUE(loop_->watch(pair.ours.get(), watcher));
  while (watcher.told < 400) ASSERT_TRUE(loop_->turn(0ns));
  EXPECT_FALSE(loop_->turn(0ns));
  EXPECT_EQ(watcher.told, 400);
}

TEST_F(EpollLoopTest, ReadinessThenTimersThenWork) {
  Pair pair;
  std::vector<std::string> log;
  TestWork work;
  work.call = [&] { log.push_back("work"); };
  CallTimer timer([&] {
    log.push_back("timer");
    loop_->post(work);
  });
  TestWatcher watcher;
  watcher.call = [&](uint32_t) {
    log.push_back("watcher");
    loop_->arm_after(timer, -1s);
  };
  ASSERT_TRUE(loop_->watch(pair.ours.get(), watcher));
  loop_->turn(Duration::max());
  EXPECT_EQ(log, (std::vector<std::string>{"watcher", "timer", "work"}));
}

TEST_F(EpollLoopTest, WorkQueuedByWorkWaitsForTheNextTurn) {
  int ran = 0;
  TestWork work;
  work.call = [&] {
    ran++;
    loop_->post(work);
    loop_->post(work);  // once is enough
  };
  loop_->post(work);
  for (int turn = 1; turn <= 3; turn++) {
    EXPECT_TRUE(loop_->turn(Duration::max()));
    EXPECT_EQ(ran, turn);
  }
}

TEST_F(EpollLoopTest, DestroyedWorkIsOffTheQueue) {
  auto first = std::make_unique<TestWork>();
  auto second = std::make_unique<TestWork>();
  int ran = 0;
  first->call = [&] {
    ran++;
    second.reset();
  };
  second->call = [] { FAIL(); };
  loop_->post(*first);
  loop_->post(*second);
  loop_->turn(0ns);
  EXPECT_EQ(ran, 1);
  EXPECT_FALSE(loop_->has_work());
}

// Work that never ends must not starve descriptors and timers.
TEST_F(EpollLoopTest, EndlessWorkLeavesTheOthersTheirTurn) {
  Pair pair;
  TestWork busy;
  busy.call = [&] { loop_->post(busy); };
  loop_->post(busy);
  bool fired = false;
  CallTimer timer([&] { fired = true; });
  loop_->arm_after(timer, 1ms);
  TestWatcher watcher;
  watcher.call = [&](uint32_t) { pair.receive(); };
  ASSERT_TRUE(loop_->watch_level(pair.ours.get(), EPOLLIN, watcher));
  pair.send();
  while (!fired || watcher.told == 0) loop_->turn(Duration::max());
}

TEST_F(EpollLoopTest, TimersAreNeverEarly) {
  for (int ns : {0, 1, 999, 1000, 50'000, 1'000'000, 20'000'000}) {
    const Duration span(ns);
    const Instant deadline = loop_->now() + span;
    bool fired = false;
    CallTimer timer([&] {
      fired = true;
      EXPECT_GE(MonotonicClock::now(), deadline);
      EXPECT_GE(loop_->now(), deadline);
    });
    loop_->arm(timer, deadline);
    while (!fired) loop_->turn(Duration::max());
  }
}

TEST_F(EpollLoopTest, TurnWaitsNoLongerThanItMay) {
  CallTimer timer([] { FAIL(); });
  loop_->arm_after(timer, 1h);
  EXPECT_FALSE(loop_->turn(1ms));
  EXPECT_FALSE(loop_->turn(-1ms));
}

TEST_F(EpollLoopTest, WokenFromAnotherThread) {
  std::thread other([this] { loop_->wake(); });
  loop_->turn(Duration::max());  // without the wake it never returns
  other.join();
  loop_->turn(0ns);
  // A wake before the wait counts for it, and many are one.
  for (int i = 0; i < 1000; i++) loop_->wake();
  EXPECT_TRUE(loop_->turn(Duration::max()));
  EXPECT_FALSE(loop_->turn(0ns));
}

TEST_F(EpollLoopTest, RunsUntilItIsStopped) {
  int turns = 0;
  CallTimer timer([&] { loop_->stop(); });
  TestWork work;
  work.call = [&] {
    if (++turns == 3)
      loop_->arm_after(timer, 0ns);
    else
      loop_->post(work);
  };
  loop_->post(work);
  loop_->run();
  EXPECT_EQ(turns, 3);
}

TEST_F(EpollLoopTest, ObserverIsCalledAroundWaitsThatMayBlock) {
  struct : WaitObserver {
    void before_wait() override {
      EXPECT_FALSE(waiting);
      waiting = true;
    }
    void after_wait() override {
      EXPECT_TRUE(waiting);
      waiting = false;
      waits++;
    }
    bool waiting = false;
    int waits = 0;
  } observer;
  loop_->set_wait_observer(&observer);
  loop_->turn(0ns);
  EXPECT_EQ(observer.waits, 0);
  loop_->turn(1us);
  EXPECT_EQ(observer.waits, 1);
  TestWork work;
  loop_->post(work);
  loop_->turn(Duration::max());
  EXPECT_EQ(observer.waits, 1);
}

TEST_F(EpollLoopTest, ClocksAreReadTogetherAfterTheWait) {
  const WallInstant wall_before = WallClock::now();
  const Instant before = MonotonicClock::now();
  loop_->turn(1ms);
  EXPECT_GE(loop_->now(), before);
  EXPECT_LE(loop_->now(), MonotonicClock::now());
  EXPECT_GE(loop_->wall_now(), wall_before);
  EXPECT_LE(loop_->wall_now(), WallClock::now());
}

TEST_F(EpollLoopTest, CoroutineSleeps) {
  auto body = [&]() -> Task<> {
    const Instant deadline = loop_->now() + 2ms;
    co_await sleep_until(*loop_, deadline);
    EXPECT_GE(MonotonicClock::now(), deadline);
    loop_->stop();
  };
  Task<> task = body();
  task.start();
  loop_->run();
  EXPECT_TRUE(task.done());
}

}  // namespace
}  // namespace molotov::io
