// Connecting to whichever of several addresses answers first (RFC 8305).
//
// They are tried in order, the next one begun when the one before has failed or
// 250 ms have passed; the first that connects wins, the others are closed.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/fd.h"
#include "base/time.h"
#include "io/loop.h"
#include "io/task.h"
#include "net/resolver.h"

namespace molotov::net {

inline constexpr Duration kNextAttemptAfter = 250ms;

// The families in turn, beginning with the first one's, each in its order.
std::vector<Address> interleave_families(const std::vector<Address>& addresses);

// Why a connection to `where` was not made. Names the limit that was reached
// where it is one of this machine's.
Error connect_error(int sys_errno, std::string_view where);

class ConnectRace final : private io::Timer {
 public:
  struct Winner {
    Fd socket;      // connected, non-blocking, no longer watched
    Duration took;  // of this address alone
  };

  // `label` says in errors what an address is for: " (example.com)". `loop`
  // must outlive the race; destroying the race closes what is in progress.
  ConnectRace(io::Loop& loop, std::vector<Address> addresses,
              std::string label);
  ~ConnectRace() override;

  // Begins. REQUIRES: at least one address.
  void start() { start_next(); }
  // Fails when all have: with what the first of them said, unless there was no
  // route to it.
  io::Completion<Result<Winner>>& finished() { return finished_; }

 private:
  class Attempt;

  void on_timer() override { start_next(); }
  void start_next();
  bool begin(const Address& address);
  void note_failure(const Address& address, int sys_errno);
  void on_failed(Attempt& attempt, int sys_errno);
  void on_connected(Attempt& attempt);

  io::Loop& loop_;
  std::vector<Address> addresses_;
  std::string label_;
  size_t next_ = 0;
  std::vector<std::unique_ptr<Attempt>> attempts_;
  Error error_;
  io::Completion<Result<Winner>> finished_;
};

}  // namespace molotov::net
