#include "io/sim_loop.h"

#include <algorithm>

namespace molotov::io {

Result<> SimLoop::watch(int, Watcher&) {
  return fail(ErrorCode::invalid_argument, "a SimLoop has no descriptors");
}

Result<> SimLoop::watch_level(int fd, uint32_t, Watcher& watcher) {
  return watch(fd, watcher);
}

bool SimLoop::turn(Duration longest) {
  if (has_work()) longest = 0ns;
  if (timers_.next() != Instant::max())
    longest = std::min(longest, std::max(timers_.next() - now_, Duration(0)));
  if (longest == Duration::max()) return false;
  now_ += longest;
  IntrusiveList<Work, Work> left;
  left.splice_back(next_turn_);
  const size_t fired = timers_.fire(now_);
  queue_.splice_back(left);
  return run_queue() + fired > 0;
}

void SimLoop::advance(Duration span) {
  const Instant end = now_ + span;
  while (now_ < end || has_work() || timers_.next() <= now_) turn(end - now_);
}

}  // namespace molotov::io
