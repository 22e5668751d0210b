// What a reader makes of a board: sums over its parts.
#include "metrics/board.h"

namespace molotov::metrics {

namespace {

// Which figure of a part goes into which of the totals.
struct Sum {
  Count ProcessPart::* part;
  uint64_t Totals::* total;
};

constexpr Sum kSums[] = {
    {&ProcessPart::workers_started, &Totals::workers_started},
    {&ProcessPart::workers_running, &Totals::workers_running},
    {&ProcessPart::workers_died, &Totals::workers_died},
    {&ProcessPart::runs_succeeded, &Totals::runs_succeeded},
    {&ProcessPart::runs_failed, &Totals::runs_failed},
    {&ProcessPart::runs_cancelled, &Totals::runs_cancelled},
    {&ProcessPart::setups_failed, &Totals::setups_failed},
    {&ProcessPart::session_setups_failed, &Totals::session_setups_failed},
    {&ProcessPart::teardowns_failed, &Totals::teardowns_failed},
    {&ProcessPart::requests, &Totals::requests},
    {&ProcessPart::http_errors, &Totals::http_errors},
    {&ProcessPart::bytes_sent, &Totals::bytes_sent},
    {&ProcessPart::bytes_received, &Totals::bytes_received},
    {&ProcessPart::unstamped, &Totals::unstamped},
    {&ProcessPart::warmup_succeeded, &Totals::warmup_succeeded},
    {&ProcessPart::warmup_failed, &Totals::warmup_failed},
    {&ProcessPart::warmup_cancelled, &Totals::warmup_cancelled},
    {&ProcessPart::starts, &Totals::starts},
    {&ProcessPart::late_starts, &Totals::late_starts},
    {&ProcessPart::cap_reached, &Totals::cap_reached},
    {&ProcessPart::starts_missed, &Totals::starts_missed},
};

}  // namespace

Totals totals(Board& board) {
  Totals all;
  for (size_t i = 0; i < board.processes(); i++) {
    const ProcessPart& part = board.part(i);
    for (const Sum& sum : kSums) all.*sum.total += (part.*sum.part).get();
    // A process that died took its workers with it.
    if (part.exited.get()) all.workers_running -= part.workers_running.get();
    for (size_t kind = 0; kind < kErrorKinds; kind++)
      all.errors[kind] += part.errors[kind].get();
  }
  return all;
}

bool too_many_failed(uint64_t runs_failed, std::optional<int64_t> allowed,
                     bool on_any) {
  if (on_any && runs_failed > 0) return true;
  return allowed &&
         (*allowed <= 0 || runs_failed >= static_cast<uint64_t>(*allowed));
}

}  // namespace molotov::metrics
