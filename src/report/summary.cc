#include "report/summary.h"

#include <fmt/format.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>

#include "report/endpoints.h"
#include "report/figures.h"
#include "report/numbers.h"
#include "report/results.h"

namespace molotov::report {
namespace {

std::vector<std::string> failures_not_shown(metrics::Board& board) {
  std::vector<std::string> lines;
  for (const metrics::FailureKind& kind : board.shared().failures) {
    const uint64_t count = kind.count.load(std::memory_order_relaxed);
    if (count <= metrics::kFailuresShown) continue;
    const uint64_t bytes = kind.text_bytes.load(std::memory_order_acquire);
    if (bytes > 0) lines.emplace_back(kind.text.data(), bytes);
    lines.push_back(fmt::format("(… {} more like this)",
                                with_commas(count - metrics::kFailuresShown)));
  }
  return lines;
}

}  // namespace

std::string counts_line(const RunCounts& counts) {
  std::string line = fmt::format("SUCCESSES: {} | FAILURES: {}",
                                 counts.succeeded, counts.failed);
  if (counts.workers) line += fmt::format(" | WORKERS: {}", *counts.workers);
  if (counts.cancelled > 0)
    line += fmt::format(" | CANCELLED: {}", counts.cancelled);
  return line;
}

RunCounts run_counts(const metrics::Totals& totals, bool with_workers) {
  RunCounts counts{totals.runs_succeeded, totals.runs_failed,
                   totals.runs_cancelled, std::nullopt};
  if (with_workers) counts.workers = totals.workers_started;
  return counts;
}

std::string warm_up_line(const metrics::Totals& totals) {
  const uint64_t runs =
      totals.warmup_succeeded + totals.warmup_failed + totals.warmup_cancelled;
  std::string line =
      fmt::format("WARM-UP: {} {}, {} failed", runs, runs == 1 ? "run" : "runs",
                  totals.warmup_failed);
  if (totals.warmup_cancelled > 0)
    line += fmt::format(", {} cancelled", totals.warmup_cancelled);
  return line;
}

std::string redrawn(std::string_view line) {
  // Erased behind the text and not before it, so that it does not flicker.
  return fmt::format("\r{}\x1b[K", line);
}

std::vector<std::string> sizing_lines(const metrics::SizingVerdict& verdict,
                                      const RunCounts& overall) {
  if (!verdict.reached) return {"Sizing was not finished. (interrupted)"};
  const metrics::Outcomes& minute = verdict.last_minute;
  return {
      "",
      "Sizing is over!",
      "",
      fmt::format("Error Ratio {:.2f} % obtained with {} workers.",
                  verdict.error_ratio, verdict.workers),
      "",
      "OVERALL: " + counts_line(overall),
      "LAST MINUTE: " + counts_line({minute.succeeded, minute.failed, 0, {}}),
      "",
  };
}

std::vector<std::string> summary_lines(metrics::Board& board,
                                       const metrics::RunData& data,
                                       const SummaryParts& parts) {
  std::vector<std::string> lines;
  const auto add = [&lines](const std::vector<std::string>& more) {
    lines.insert(lines.end(), more.begin(), more.end());
  };
  const auto add_results = [&] {
    if (parts.results) {
      add(result_lines(data));
      add(figure_lines(data));
    }
    add(judgement_lines(parts.judgements));
  };
  if (parts.only_results) {
    add_results();
    return lines;
  }
  const metrics::Totals totals = metrics::totals(board);
  add(failures_not_shown(board));
  if (parts.endpoints) add(endpoint_lines(data));
  if (board.measured_from() != Instant()) lines.push_back(warm_up_line(totals));
  if (parts.sizing) add(sizing_lines(*parts.sizing, run_counts(totals, false)));
  if (!parts.sizing || !parts.sizing->reached)
    lines.push_back(counts_line(run_counts(totals, parts.workers)));
  add_results();
  lines.emplace_back("*** Bye ***");
  return lines;
}

std::string signal_name(int signal) {
  const char* name = sigabbrev_np(signal);
  return name ? fmt::format("SIG{}", name) : fmt::format("signal {}", signal);
}

std::string death_line(int pid, int wait_status) {
  if (WIFSIGNALED(wait_status))
    return fmt::format("Process {} was killed by {}", pid,
                       signal_name(WTERMSIG(wait_status)));
  return fmt::format("Process {} ended with exit code {}", pid,
                     WEXITSTATUS(wait_status));
}

}  // namespace molotov::report
