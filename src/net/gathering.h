// Bytes that come fast gather in the kernel before their reader is told.
//
// Waking a reader costs its sender as much as sending some ten KiB, and the
// reader as much as reading them: one that catches up with each piece slows
// both down. A fast stream is told once there are 256 KiB (SO_RCVLOWAT), or
// after 100 us, until few bytes come in that time or something is written: an
// answer may be short. So nobody waits longer than that, and not often: it
// takes 8 MiB to be fast again. For the last bytes of a body whose length is
// known nobody waits.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <memory>

#include "base/time.h"
#include "io/epoll_loop.h"

namespace molotov::net {

// Whether much comes fast: 8 MiB in 50 ms.
class Haste {
 public:
  // A read had all its room filled, with `bytes`, at `now`. Returns whether so
  // many came so fast; counts again from each 8 MiB.
  bool note(size_t bytes, Instant now);

 private:
  size_t bytes_ = 0;
  Instant since_{};
};

class Gathering final : private io::Timer {
 public:
  // `reading` is posted when bytes have waited long enough. It, the loop and
  // the socket must outlive this. nullptr where it is not TCP.
  static std::unique_ptr<Gathering> begin(io::EpollLoop& loop, int fd,
                                          io::Work& reading);
  // From now on each byte is told, those that are there too.
  ~Gathering();

  // So many are still to come: no more is waited for.
  void expect(uint64_t bytes) { expected_bytes_ = bytes; }
  // What a read of at most `room` bytes returned. False when it is of no use
  // any more: they come slowly, or have come.
  bool on_read(ssize_t got, size_t room);

 private:
  Gathering(io::EpollLoop& loop, int fd, io::Work& reading);
  void on_timer() override;

  io::EpollLoop& loop_;
  const int fd_;
  io::Work& reading_;
  uint64_t expected_bytes_ = UINT64_MAX;
  uint64_t least_bytes_;  // as the kernel knows it
  size_t bytes_ = 0;      // read since there was nothing
  bool waited_ = false;   // too few came in time
};

}  // namespace molotov::net
