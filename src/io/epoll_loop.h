// The loop on epoll(7).
#pragma once

#include <sys/epoll.h>

#include <array>
#include <memory>
#include <span>

#include "base/fd.h"
#include "io/loop.h"

namespace molotov::io {

// Called around a wait that may block, where another runtime shares the thread
// (Python gives up its lock for as long).
class WaitObserver {
 public:
  virtual void before_wait() = 0;
  virtual void after_wait() = 0;

 protected:
  ~WaitObserver() = default;
};

class EpollLoop final : public Loop, private Watcher {
 public:
  // Fails where the process is out of descriptors. After a fork the child makes
  // its own: an epoll descriptor is shared with the parent.
  static Result<std::unique_ptr<EpollLoop>> create();
  ~EpollLoop();

  Result<> watch(int fd, Watcher& watcher) override;
  Result<> watch_level(int fd, uint32_t events, Watcher& watcher) override;
  void unwatch(int fd, Watcher& watcher) override;
  bool turn(Duration longest) override;
  void wake() override;

  // Readable when a watched one is ready.
  int descriptor() const { return epoll_.get(); }
  Instant exact_now() const override { return MonotonicClock::now(); }
  // Reads the clocks between two turns.
  void update_now();

  // `observer` must outlive the loop; nullptr for none.
  void set_wait_observer(WaitObserver* observer) { observer_ = observer; }

  // The wall clock and the monotonic one, read together when the last wait
  // ended: what a stamp of the kernel's is placed by (net/stamp.h).
  WallInstant wall_now() const { return wall_now_; }

 private:
  EpollLoop(Fd epoll, Fd wake_fd);
  void on_ready(uint32_t events) override;  // of wake_fd_
  Result<> control(int operation, int fd, uint32_t events, Watcher& watcher);
  int wait(Duration longest);

  Fd epoll_;
  Fd wake_fd_;
  WaitObserver* observer_ = nullptr;
  WallInstant wall_now_{};
  std::array<epoll_event, 256> events_;
  std::span<epoll_event> pending_;  // found by this turn, not yet told
};

}  // namespace molotov::io
