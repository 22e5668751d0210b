#include "report/summary.h"

#include <fmt/format.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>

namespace molotov::report {

std::string counts_line(const RunCounts& counts) {
  std::string line = fmt::format("SUCCESSES: {} | FAILURES: {}",
                                 counts.succeeded, counts.failed);
  if (counts.workers) line += fmt::format(" | WORKERS: {}", *counts.workers);
  if (counts.cancelled > 0)
    line += fmt::format(" | CANCELLED: {}", counts.cancelled);
  return line;
}

std::string redrawn(std::string_view line) {
  // Erased behind the text and not before it, so that it does not flicker.
  return fmt::format("\r{}\x1b[K", line);
}

std::vector<std::string> sizing_lines(const SizingFigures& figures) {
  if (!figures.reached) return {"Sizing was not finished. (interrupted)"};
  return {
      "",
      "Sizing is over!",
      "",
      fmt::format("Error Ratio {:.2f} % obtained with {} workers.",
                  figures.error_ratio, figures.workers),
      "",
      "OVERALL: " + counts_line(figures.overall),
      "LAST MINUTE: " + counts_line(figures.last_minute),
      "",
  };
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
