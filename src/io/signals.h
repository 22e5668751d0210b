// Signals as events of a loop, by a signalfd(2): for a process of ours that
// runs no code of a user's (the supervisor, the target).
//
// While it exists the signals are blocked in this thread, and so in threads and
// processes that it starts from then on; the destructor restores what was, and
// one that had not been told yet is then delivered as it would have been. Make
// it before any thread. A child must restore_mask() before exec: a mask is
// inherited.
#pragma once

#include <signal.h>

#include <functional>
#include <initializer_list>
#include <memory>

#include "base/error.h"
#include "base/fd.h"
#include "io/loop.h"

namespace molotov::io {

class Signals final : private Watcher {
 public:
  // Called once for each signal that arrived; of several of a kind that arrive
  // before it is told, once (SIGCHLD: wait for all children). Must not destroy
  // the Signals.
  using Callback = std::function<void(int signal)>;

  // `loop` must outlive it. Fails where the process is out of descriptors.
  static Result<std::unique_ptr<Signals>> create(
      Loop& loop, std::initializer_list<int> signals, Callback callback);
  ~Signals();

  // For a child between fork and exec: lets the signals through as before.
  // Async-signal-safe.
  void restore_mask() const;

 private:
  Signals(Loop& loop, Callback callback);
  void on_ready(uint32_t events) override;

  Loop& loop_;
  Callback callback_;
  sigset_t previous_;
  Fd fd_;
};

}  // namespace molotov::io
