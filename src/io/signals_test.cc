// Signals sent to this very process, and to children of it.
#include "io/signals.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <vector>

#include "io/epoll_loop.h"

namespace molotov::io {
namespace {

class SignalsTest : public testing::Test {
 protected:
  void watch(std::initializer_list<int> signals) {
    signals_ = std::move(*Signals::create(
        *loop_, signals, [this](int signal) { told_.push_back(signal); }));
  }
  std::unique_ptr<EpollLoop> loop_ = std::move(*EpollLoop::create());
  std::vector<int> told_;
  std::unique_ptr<Signals> signals_;
};

bool blocked(int signal) {
  sigset_t mask;
  pthread_sigmask(SIG_SETMASK, nullptr, &mask);
  return sigismember(&mask, signal) == 1;
}

TEST_F(SignalsTest, EachIsTold) {
  watch({SIGINT, SIGTERM});
  EXPECT_FALSE(loop_->turn(0ns));
  raise(SIGTERM);
  raise(SIGINT);
  while (told_.size() < 2) loop_->turn(Duration::max());
  std::ranges::sort(told_);
  EXPECT_EQ(told_, (std::vector<int>{SIGINT, SIGTERM}));
  raise(SIGINT);
  loop_->turn(Duration::max());
  EXPECT_EQ(told_.back(), SIGINT);
  EXPECT_FALSE(loop_->turn(0ns));
}

TEST_F(SignalsTest, EndOfAChildIsTold) {
  watch({SIGCHLD});
  const pid_t pid = fork();
  if (pid == 0) _exit(0);
  while (told_.empty()) loop_->turn(Duration::max());
  EXPECT_EQ(told_.front(), SIGCHLD);
  EXPECT_EQ(waitpid(pid, nullptr, 0), pid);
}

TEST_F(SignalsTest, MaskIsRestored) {
  ASSERT_FALSE(blocked(SIGUSR1));
  watch({SIGUSR1});
  EXPECT_TRUE(blocked(SIGUSR1));
  signals_.reset();
  EXPECT_FALSE(blocked(SIGUSR1));
}

TEST_F(SignalsTest, WhatWasBlockedBeforeStaysSo) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGUSR2);
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  watch({SIGUSR2});
  signals_.reset();
  EXPECT_TRUE(blocked(SIGUSR2));
  pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
}

TEST_F(SignalsTest, ChildThatRestoresTheMaskCanBeKilledByThem) {
  watch({SIGTERM});
  const pid_t pid = fork();
  if (pid == 0) {
    raise(SIGTERM);  // blocked, as it is inherited
    signals_->restore_mask();
    _exit(0);  // not reached
  }
  int status = 0;
  ASSERT_EQ(waitpid(pid, &status, 0), pid);
  EXPECT_TRUE(WIFSIGNALED(status));
  EXPECT_EQ(WTERMSIG(status), SIGTERM);
}

}  // namespace
}  // namespace molotov::io
