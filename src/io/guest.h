// A loop whose turns another loop takes: it is a guest there, with one
// descriptor to be watched for reading. Timers and work that are there between
// two turns make that descriptor readable too.
#pragma once

#include <memory>

#include "io/epoll_loop.h"

namespace molotov::io {

class Guest final : private Watcher {
 public:
  // `loop` must outlive it. Fails where the process is out of descriptors.
  static Result<std::unique_ptr<Guest>> create(EpollLoop& loop);
  ~Guest();

  // Readable when a turn is to be taken.
  int descriptor() const { return loop_.descriptor(); }

  // Comes before whatever is asked of the loop between two turns: brings its
  // clock up to date, which stands still there, and has a turn taken soon.
  void enter();

  // One turn, without waiting.
  void turn();

 private:
  Guest(EpollLoop& loop, Fd alarm);
  void on_ready(uint32_t events) override;  // of alarm_
  void set_alarm();

  EpollLoop& loop_;
  Fd alarm_;  // a timerfd
  Instant alarm_at_ = Instant::max();
  bool turn_wanted_ = false;
};

}  // namespace molotov::io
