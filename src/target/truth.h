// How long each answer took, exactly, by the server's own record: what a
// client's figures can be held against.
//
// A time runs from the kernel's arrival stamp of the request's last byte until
// the answer's last one goes to the kernel. It begins there, and not where
// the server reads, so that a request's wait in the socket is part of it, as it
// is for the client. Each process keeps its own in memory that they all share;
// any of them can tell of all.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/error.h"
#include "net/stream.h"

namespace molotov::target {

class Truth {
 public:
  // Room for so many answers of each process, 0: keeps no record. The memory is
  // only taken as it fills. Make it before the fork.
  static Result<Truth> create(size_t processes, size_t answers_max);
  Truth(Truth&& other) noexcept;
  Truth& operator=(Truth&&) = delete;
  ~Truth();

  bool kept() const { return !times_.empty(); }

  // One answer of `process`, whose request came at `arrival`; none if that was
  // before the last reset. REQUIRES: kept().
  void record(size_t process, const net::Arrival& arrival, Instant written);

  // Forgets all answers to requests that came before `now`. Any process may.
  void reset(Instant now);

  // In nanoseconds, those of a process in the order of its answers.
  std::vector<int64_t> times() const;
  // Count and percentiles as JSON. Computed from all times: takes as long as
  // sorting them.
  std::string to_json() const;

 private:
  using Cell = std::atomic<int64_t>;

  // Of one process, its only writer, on cache lines of their own.
  struct alignas(64) Slot {
    Cell since_ns{0};   // the reset that it has heard of
    Cell count{0};      // of its times
    Cell dropped{0};    // answers that there was no room for
    Cell unstamped{0};  // times that begin where the server read
  };

  Truth(std::span<std::byte> memory, size_t processes);
  const Slot& header() const { return slots_.front(); }
  std::span<Cell> times_of(size_t process) const;
  // Of all processes, of answers since the last reset.
  int64_t sum(Cell Slot::* counter) const;

  std::span<std::byte> memory_;
  // The first is nobody's: it holds the last reset.
  std::span<Slot> slots_;
  std::span<Cell> times_;  // each process's equal part
};

}  // namespace molotov::target
