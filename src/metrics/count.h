// A figure in shared memory with one writer: add() is a plain load and store.
#pragma once

#include <atomic>
#include <cstdint>

namespace molotov::metrics {

class Count {
 public:
  uint64_t get() const { return value_.load(std::memory_order_relaxed); }
  void set(uint64_t value) { value_.store(value, std::memory_order_relaxed); }
  void add(uint64_t more = 1) { set(get() + more); }

  // Whoever reads it by acquire() sees all that was written before.
  void publish(uint64_t value) {
    value_.store(value, std::memory_order_release);
  }
  uint64_t acquire() const { return value_.load(std::memory_order_acquire); }

 private:
  std::atomic<uint64_t> value_{0};
};

}  // namespace molotov::metrics
