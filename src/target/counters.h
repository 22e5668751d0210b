// How often the server was used, counted by each of its processes in memory
// that they all share. A slot has one writer; anyone may read.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>

#include "base/error.h"

namespace molotov::target {

// On a cache line of its own: no process slows another down.
struct alignas(64) Counters {
  std::atomic<uint64_t> requests{0};     // whole heads, but for /stats
  std::atomic<uint64_t> connections{0};  // that sent one of these
};

// One writer: no locked instruction needed.
inline void count(std::atomic<uint64_t>& counter) {
  counter.store(counter.load(std::memory_order_relaxed) + 1,
                std::memory_order_relaxed);
}

struct Totals {
  uint64_t requests = 0;
  uint64_t connections = 0;
};

// Anonymous shared memory: make it before the fork.
class CounterPage {
 public:
  static Result<CounterPage> create(size_t processes);
  CounterPage(CounterPage&& other) noexcept;
  CounterPage& operator=(CounterPage&&) = delete;
  ~CounterPage();

  Counters& slot(size_t process) { return slots_[process]; }
  Totals totals() const;

 private:
  explicit CounterPage(std::span<Counters> slots) : slots_(slots) {}
  std::span<Counters> slots_;
};

}  // namespace molotov::target
