#include "target/truth.h"

#include <fmt/format.h>
#include <sys/mman.h>

#include <algorithm>
#include <iterator>
#include <new>
#include <numeric>
#include <string_view>
#include <utility>

#include "base/check.h"

namespace molotov::target {

namespace {

constexpr auto kRelaxed = std::memory_order_relaxed;

// One writer: no locked instruction needed.
void add_one(std::atomic<int64_t>& counter) {
  counter.store(counter.load(kRelaxed) + 1, kRelaxed);
}

int64_t to_ns(Instant at) {
  return at.time_since_epoch().count();
}

// The smallest of them that `permille` of all are not above.
int64_t percentile(const std::vector<int64_t>& sorted, size_t permille) {
  const size_t rank = (sorted.size() * permille + 999) / 1000;
  return sorted[std::max<size_t>(rank, 1) - 1];
}

std::string seconds(int64_t ns) {
  return fmt::format("{}.{:09}", ns / 1'000'000'000, ns % 1'000'000'000);
}

}  // namespace

Result<Truth> Truth::create(size_t processes, size_t answers_max) {
  const size_t slots = processes + 1;
  const size_t bytes =
      slots * sizeof(Slot) + processes * answers_max * sizeof(Cell);
  void* memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE,
                      MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) return fail_errno("mmap");
  return Truth({static_cast<std::byte*>(memory), bytes}, processes);
}

// What is mapped is zeros, which is what the times begin as: to construct them
// would take all of the memory at once.
Truth::Truth(std::span<std::byte> memory, size_t processes)
    : memory_(memory),
      slots_(reinterpret_cast<Slot*>(memory.data()), processes + 1),
      times_(reinterpret_cast<Cell*>(memory.data() + slots_.size_bytes()),
             (memory.size() - slots_.size_bytes()) / sizeof(Cell)) {
  for (Slot& slot : slots_) new (&slot) Slot();
}

Truth::Truth(Truth&& other) noexcept
    : memory_(std::exchange(other.memory_, {})),
      slots_(std::exchange(other.slots_, {})),
      times_(std::exchange(other.times_, {})) {}

Truth::~Truth() {
  if (!memory_.empty()) munmap(memory_.data(), memory_.size());
}

std::span<Truth::Cell> Truth::times_of(size_t process) const {
  const size_t each = times_.size() / (slots_.size() - 1);
  return times_.subspan(process * each, each);
}

void Truth::record(size_t process, const net::Arrival& arrival,
                   Instant written) {
  CHECK(process + 1 < slots_.size());
  Slot& slot = slots_[process + 1];
  const int64_t since_ns = header().since_ns.load(kRelaxed);
  if (to_ns(arrival.at) < since_ns) return;
  if (slot.since_ns.load(kRelaxed) != since_ns) {
    for (Cell* counter : {&slot.count, &slot.dropped, &slot.unstamped})
      counter->store(0, kRelaxed);
    slot.since_ns.store(since_ns, std::memory_order_release);
  }
  const std::span<Cell> times = times_of(process);
  const auto count = static_cast<size_t>(slot.count.load(kRelaxed));
  if (count == times.size()) return add_one(slot.dropped);
  if (!arrival.stamped) add_one(slot.unstamped);
  times[count].store((written - arrival.at).count(), kRelaxed);
  slot.count.store(static_cast<int64_t>(count + 1), std::memory_order_release);
}

void Truth::reset(Instant now) {
  slots_.front().since_ns.store(to_ns(now), kRelaxed);
}

int64_t Truth::sum(Cell Slot::* counter) const {
  int64_t sum = 0;
  for (const Slot& slot : slots_.subspan(1)) {
    if (slot.since_ns.load(std::memory_order_acquire) ==
        header().since_ns.load(kRelaxed))
      sum += (slot.*counter).load(std::memory_order_acquire);
  }
  return sum;
}

std::vector<int64_t> Truth::times() const {
  std::vector<int64_t> all;
  for (size_t process = 0; process + 1 < slots_.size(); process++) {
    const Slot& slot = slots_[process + 1];
    if (slot.since_ns.load(std::memory_order_acquire) !=
        header().since_ns.load(kRelaxed))
      continue;
    const auto count =
        static_cast<size_t>(slot.count.load(std::memory_order_acquire));
    for (const Cell& time : times_of(process).first(count))
      all.push_back(time.load(kRelaxed));
  }
  return all;
}

std::string Truth::to_json() const {
  std::vector<int64_t> sorted = times();
  std::sort(sorted.begin(), sorted.end());
  const auto count = static_cast<int64_t>(sorted.size());
  std::string json =
      fmt::format(R"({{"count": {}, "unstamped": {}, "dropped": {})", count,
                  sum(&Slot::unstamped), sum(&Slot::dropped));
  const auto add = [&](std::string_view name, auto value) {
    fmt::format_to(std::back_inserter(json), R"(, "{}_seconds": {})", name,
                   count ? seconds(value()) : "null");
  };
  add("mean", [&] {
    return std::accumulate(sorted.begin(), sorted.end(), int64_t{0}) / count;
  });
  add("min", [&] { return sorted.front(); });
  add("p50", [&] { return percentile(sorted, 500); });
  add("p90", [&] { return percentile(sorted, 900); });
  add("p99", [&] { return percentile(sorted, 990); });
  add("p99.9", [&] { return percentile(sorted, 999); });
  add("max", [&] { return sorted.back(); });
  return json + "}";
}

}  // namespace molotov::target
