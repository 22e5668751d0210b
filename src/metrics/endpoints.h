// Requests by endpoint: method, host and path, and how each of them ended. In
// the board's memory, a table a process, of one writer and of a fixed size;
// only written where somebody wants to know (-v).
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "metrics/board.h"

namespace molotov::metrics {

// How a request ended: its status, or kFailedOutcomes and its ErrorKind.
using Outcome = uint64_t;
constexpr Outcome kFailedOutcomes = 1000;
constexpr Outcome failed_outcome(ErrorKind kind) {
  return kFailedOutcomes + static_cast<Outcome>(kind);
}
std::string outcome_name(Outcome outcome);  // "200", "refused"

// An endpoint with one of its outcomes.
struct EndpointRow {
  Count hash;  // of both; 0: free
  Count outcome;
  Count count;
  // Stored last, with release, and 0 until then.
  std::atomic<uint64_t> text_bytes{0};
  std::array<char, 120> text{};
};

class EndpointTable {
 public:
  // Counts a request of that endpoint, "GET example.com/path": cut to what
  // fits, but told apart by all of it.
  void count(std::string_view endpoint, Outcome outcome);

  static constexpr size_t kRows = 512;
  const std::array<EndpointRow, kRows>& rows() const { return rows_; }
  // Of requests that found no row.
  uint64_t others() const { return others_.get(); }

 private:
  EndpointRow* row_for(uint64_t hash);
  std::array<EndpointRow, kRows> rows_;
  Count others_;
};

struct Endpoint {
  std::string name;
  uint64_t requests = 0;
  std::map<Outcome, uint64_t> by_outcome = {};
};

// All processes' together, the busiest first.
struct Endpoints {
  std::vector<Endpoint> all;
  uint64_t others = 0;  // requests of endpoints that found no room
};
Endpoints endpoints(Board& board);

}  // namespace molotov::metrics
