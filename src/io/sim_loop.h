// A loop on a virtual clock, for tests of what is timed: nothing waits, the
// clock jumps to the next deadline. Watches no descriptors.
#pragma once

#include "io/loop.h"

namespace molotov::io {

class SimLoop final : public Loop {
 public:
  // Begins at one day, so that a deadline in the past can be expressed.
  SimLoop() { now_ = Instant(std::chrono::hours(24)); }

  Result<> watch(int fd, Watcher& watcher) override;
  Result<> watch_level(int fd, uint32_t events, Watcher& watcher) override;
  void unwatch(int, Watcher&) override {}
  // Jumps to the next deadline, but at most `longest` ahead.
  bool turn(Duration longest) override;
  void wake() override {}

  // Turns until the clock stands `span` further and nothing is queued.
  void advance(Duration span);
};

}  // namespace molotov::io
