#include "target/counters.h"

#include <sys/mman.h>

#include <new>
#include <utility>

namespace molotov::target {

Result<CounterPage> CounterPage::create(size_t processes) {
  void* memory =
      mmap(nullptr, processes * sizeof(Counters), PROT_READ | PROT_WRITE,
           MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return fail_errno("mmap");
  auto* first = static_cast<Counters*>(memory);
  for (size_t i = 0; i < processes; i++) new (first + i) Counters();
  return CounterPage(std::span(first, processes));
}

CounterPage::CounterPage(CounterPage&& other) noexcept
    : slots_(std::exchange(other.slots_, {})) {}

CounterPage::~CounterPage() {
  if (!slots_.empty()) munmap(slots_.data(), slots_.size_bytes());
}

Totals CounterPage::totals() const {
  Totals totals;
  for (const Counters& slot : slots_) {
    totals.requests += slot.requests.load(std::memory_order_relaxed);
    totals.connections += slot.connections.load(std::memory_order_relaxed);
  }
  return totals;
}

}  // namespace molotov::target
