#include "load/start_line.h"

#include <utility>

namespace molotov::load {

namespace {

constexpr Duration kLookEvery = 1ms;
// So that all have looked before it is time.
constexpr Duration kAhead = 5 * kLookEvery;
// A process that takes longer begins late.
constexpr Duration kPatience = 5s;

}  // namespace

void StartLine::wait(std::function<void(Instant)> go) {
  if (board_.processes() == 1) return go(loop_.now());
  go_ = std::move(go);
  until_ = loop_.now() + kPatience;
  part_.at_start_line.set(1);
  look();
}

bool StartLine::all_are_here() const {
  for (size_t i = 0; i < board_.processes(); i++) {
    const metrics::ProcessPart& part = board_.part(i);
    if (part.at_start_line.get() == 0 && part.exited.get() == 0) return false;
  }
  return true;
}

void StartLine::look() {
  std::atomic<uint64_t>& shared = board_.shared().begins_at_ns;
  uint64_t begins_at = shared.load();
  if (begins_at == 0 && (all_are_here() || loop_.now() >= until_)) {
    const auto ahead = (loop_.exact_now() + kAhead).time_since_epoch();
    // Fails where another was faster, and says what that one has decided.
    const auto mine = static_cast<uint64_t>(ahead.count());
    if (shared.compare_exchange_strong(begins_at, mine)) begins_at = mine;
  }
  if (begins_at == 0) return loop_.arm_after(*this, kLookEvery);
  std::exchange(
      go_, nullptr)(Instant(Duration(static_cast<Duration::rep>(begins_at))));
}

}  // namespace molotov::load
