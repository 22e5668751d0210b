// Connecting to whichever of several addresses answers first (RFC 8305).
//
// They are tried in order, the next one begun when the one before has failed or
// a while has passed; the first that connects wins, the others are closed.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/fd.h"
#include "base/time.h"
#include "io/loop.h"
#include "io/task.h"
#include "net/resolver.h"

namespace molotov::net {

// Makes the sockets to connect with, in place of socket(2).
class SocketMaker {
 public:
  // A TCP socket for that address.
  virtual Result<Fd> make(const Address& address) = 0;

 protected:
  ~SocketMaker() = default;
};

struct RaceOptions {
  int family = AF_UNSPEC;  // of the addresses that are tried; AF_UNSPEC: of any
  // What sockets are bound to: the first of the same family; none: by the
  // system.
  std::vector<Address> local = {};
  // The next one is begun after this; nothing: once the one before has failed.
  std::optional<Duration> next_after = 250ms;
  // How many of the first address' family come before one of the other; 0: they
  // are tried in the order that they have.
  size_t first_family_count = 1;
  SocketMaker* sockets = nullptr;  // borrowed; nullptr: socket(2)
};

// The families in turn, beginning with so many of the first one's, each in its
// order.
std::vector<Address> interleave_families(const std::vector<Address>& addresses,
                                         size_t first_family_count = 1);

// Why a connection to `where` was not made. Names the limit that was reached
// where it is one of this machine's.
Error connect_error(int sys_errno, std::string_view where);

class ConnectRace final : private io::Timer {
 public:
  struct Winner {
    Fd socket;      // connected, non-blocking, no longer watched
    Duration took;  // of this address alone
  };

  // `label` says in errors what an address is for: " (example.com)". `loop` and
  // `options` must outlive the race; destroying the race closes what is in
  // progress.
  ConnectRace(io::Loop& loop, std::vector<Address> addresses, std::string label,
              const RaceOptions& options);
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
  Result<Fd> make_socket(const Address& address) const;
  Result<> bind_socket(int socket, const Address& address) const;
  void note_failure(Error error);
  Error error_of(const Address& address, int sys_errno) const;
  void on_failed(Attempt& attempt, int sys_errno);
  void on_connected(Attempt& attempt);

  io::Loop& loop_;
  std::vector<Address> addresses_;
  std::string label_;
  const RaceOptions& options_;
  size_t next_ = 0;
  std::vector<std::unique_ptr<Attempt>> attempts_;
  Error error_;
  io::Completion<Result<Winner>> finished_;
};

}  // namespace molotov::net
