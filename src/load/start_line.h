// Where the processes of a run wait for each other, so that they begin at one
// instant: their arrivals are shares of one schedule.
#pragma once

#include <functional>

#include "io/loop.h"
#include "metrics/board.h"

namespace molotov::load {

class StartLine final : private io::Timer {
 public:
  // All borrowed; `part` is this process'.
  StartLine(io::Loop& loop, metrics::Board& board, metrics::ProcessPart& part)
      : loop_(loop), board_(board), part_(part) {}

  // Calls `go`, once, with the instant, which is now or soon. At once where
  // there is one process.
  void wait(std::function<void(Instant)> go);
  void leave() { loop_.disarm(*this); }

 private:
  void on_timer() override { look(); }
  void look();
  bool all_are_here() const;

  io::Loop& loop_;
  metrics::Board& board_;
  metrics::ProcessPart& part_;
  std::function<void(Instant)> go_;
  Instant until_{};
};

}  // namespace molotov::load
