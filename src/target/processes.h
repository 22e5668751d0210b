// The processes of one molotarget, and the signals that end them.
#pragma once

#include <sys/types.h>

#include <csignal>
#include <optional>
#include <vector>

#include "base/error.h"

namespace molotov::target {

// Lets SIGINT, SIGTERM, SIGHUP and SIGCHLD wait to be fetched, for this process
// and what it forks, and SIGPIPE do nothing.
void hold_signals();

// Processes forked from this one. Killed when this is destroyed, and when this
// process dies in whatever way.
class Children {
 public:
  Children() = default;
  Children(const Children&) = delete;
  Children& operator=(const Children&) = delete;
  ~Children() { end_all(); }

  // Forks `count` of them. Returns in each child, with its index, and in the
  // parent with nothing.
  Result<std::optional<unsigned>> fork_all(unsigned count);

  // Waits for a signal that ends this process, or the end of a child, which
  // ends them all. Fails when a child ended otherwise than in order.
  // REQUIRES: in the parent; hold_signals() was called.
  Result<> wait();

 private:
  Result<bool> reap();
  void end_all();

  std::vector<pid_t> pids_;  // -1: has been waited for. Empty in a child.
};

}  // namespace molotov::target
