#include "metrics/endpoints.h"

#include <algorithm>
#include <functional>
#include <unordered_map>

namespace molotov::metrics {

namespace {

// A row is looked for in so many places.
constexpr size_t kProbes = 32;
constexpr std::string_view kCutMark = "…";

void set_text(EndpointRow& row, std::string_view text) {
  size_t bytes = text.size();
  if (bytes > row.text.size()) {
    bytes = row.text.size() - kCutMark.size();
    std::ranges::copy(kCutMark, row.text.begin() + bytes);
  }
  std::ranges::copy(text.substr(0, bytes), row.text.begin());
  row.text_bytes.store(std::min(text.size(), row.text.size()),
                       std::memory_order_release);
}

}  // namespace

void EndpointTable::count(std::string_view endpoint, Outcome outcome) {
  // Odd, so never 0; the factor spreads what differs by little.
  const uint64_t hash = (std::hash<std::string_view>()(endpoint) ^
                         (outcome * 0x9e3779b97f4a7c15)) |
                        1;
  EndpointRow* row = row_for(hash);
  if (!row) return others_.add();
  row->count.add();
  if (row->hash.get() != 0) return;
  row->hash.set(hash);
  row->outcome.set(outcome);
  set_text(*row, endpoint);
}

// The row that has it, or else a free one; nullptr where there is none.
EndpointRow* EndpointTable::row_for(uint64_t hash) {
  for (size_t i = 0; i < kProbes; i++) {
    EndpointRow& row = rows_[(hash / 2 + i) % kRows];
    if (row.hash.get() == hash || row.hash.get() == 0) return &row;
  }
  return nullptr;
}

std::string outcome_name(Outcome outcome) {
  if (outcome < kFailedOutcomes) return std::to_string(outcome);
  return std::string(
      to_string(static_cast<ErrorKind>(outcome - kFailedOutcomes)));
}

Endpoints endpoints(Board& board) {
  Endpoints found;
  std::unordered_map<std::string_view, Endpoint> by_name;
  for (size_t i = 0; i < board.processes(); i++) {
    const EndpointTable& table = board.endpoints(i);
    found.others += table.others();
    for (const EndpointRow& row : table.rows()) {
      const uint64_t bytes = row.text_bytes.load(std::memory_order_acquire);
      if (bytes == 0) continue;
      const std::string_view name(row.text.data(), bytes);
      Endpoint& endpoint = by_name[name];
      endpoint.name = name;
      endpoint.requests += row.count.get();
      endpoint.by_outcome[row.outcome.get()] += row.count.get();
    }
  }
  for (auto& [name, endpoint] : by_name)
    found.all.push_back(std::move(endpoint));
  std::ranges::sort(found.all, [](const Endpoint& a, const Endpoint& b) {
    return a.requests != b.requests ? a.requests > b.requests : a.name < b.name;
  });
  return found;
}

}  // namespace molotov::metrics
