// SIGINT and SIGTERM, told by the loop instead of interrupting whatever runs.
// One at a time in a process, on its main thread.
#pragma once

#include <signal.h>

#include <functional>

#include "base/error.h"
#include "base/fd.h"
#include "io/loop.h"

namespace molotov::cli {

class SignalWatch final : private io::Watcher {
 public:
  // `on_signal` is called with the signal's number. The loop outlives this.
  SignalWatch(io::Loop& loop, std::function<void(int)> on_signal);
  // The signals have their former effect again.
  ~SignalWatch();

  Result<> start();

 private:
  void on_ready(uint32_t events) override;

  io::Loop& loop_;
  std::function<void(int)> on_signal_;
  Fd fd_;
  sigset_t mask_before_;
};

}  // namespace molotov::cli
