#include "cli/pending.h"

#include <fmt/format.h>

#include <algorithm>

#include "report/numbers.h"

namespace molotov::cli {
namespace {

// Most runs end sooner, and then there is nothing to explain.
constexpr Duration kUnremarkable = 1s;

std::string describe(uint64_t workers, std::optional<double> grace,
                     bool interrupted) {
  std::string text = fmt::format("Waiting for {} {} to finish {} in progress",
                                 report::with_commas(workers),
                                 workers == 1 ? "worker" : "workers",
                                 workers == 1 ? "a run" : "runs");
  if (grace) text += fmt::format(", {:g} s at most", std::max(*grace, 0.0));
  return text +
         (interrupted ? " (Ctrl+C again cancels)" : " (Ctrl+C twice cancels)");
}

}  // namespace

std::optional<std::string> Pending::look(Instant now, bool interrupted) {
  if (said_ || !load_is_over(now)) return std::nullopt;
  if (!over_since_) over_since_ = now;
  const uint64_t workers = metrics::totals(board_).workers_running;
  const bool cancelled = board_.stop_level() >= metrics::StopLevel::cancel;
  if (now - *over_since_ < kUnremarkable || workers == 0 || cancelled)
    return std::nullopt;
  said_ = true;
  return describe(workers, options_.grace, interrupted);
}

bool Pending::load_is_over(Instant now) {
  if (board_.stop_level() != metrics::StopLevel::none) return true;
  for (size_t i = 0; i < board_.processes(); ++i) {
    metrics::ProcessPart& part = board_.part(i);
    const auto end = Instant(Duration(part.ends_at_ns.get()));
    const bool begun = end != Instant();
    if (part.exited.get() != 1 && (!begun || now < end)) return false;
  }
  return true;
}

}  // namespace molotov::cli
