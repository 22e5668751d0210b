// Writes to a descriptor that may be slow, on a thread of its own, so that
// whoever has something to say never waits for whoever reads it. What piles up
// is held by a Spool. The descriptor stays as it is: it may be shared with
// other programs, which O_NONBLOCK would surprise.
//
// Its methods are for one thread. A descriptor that fails (its reader has gone)
// is given up, and all that comes later is quietly thrown away.
#pragma once

#include <condition_variable>
#include <mutex>
#include <string_view>
#include <thread>

#include "base/time.h"
#include "cli/spool.h"

namespace molotov::cli {

class Writer {
 public:
  // Borrows `fd`.
  Writer(int fd, Spool spool);
  // Waits until all is written.
  ~Writer();

  void write(std::string_view bytes);

  // Nothing waits to be written.
  bool idle();
  // Waits for that, at most so long; returns idle().
  bool wait_idle(Duration longest);
  uint64_t dropped();
  // Why it was given up: an errno; 0 when it was not.
  int error();

 private:
  void run();
  // Returns 0 or an errno.
  int write_all(std::string_view bytes) const;

  const int fd_;
  std::mutex mutex_;
  std::condition_variable changed_;
  // Guarded by mutex_.
  Spool spool_;
  bool writing_ = false;  // something taken from the spool is under way
  int error_ = 0;
  bool closing_ = false;

  std::thread thread_;
};

}  // namespace molotov::cli
