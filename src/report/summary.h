// The last lines of a run, as text: no line ends with its newline, and nothing
// here is coloured or printed. The supervisor prints them, and a run without
// one (molotov.run).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "metrics/board.h"
#include "metrics/run_data.h"
#include "metrics/sizing.h"
#include "report/judgement.h"

namespace molotov::report {

struct RunCounts {
  uint64_t succeeded = 0;
  uint64_t failed = 0;
  uint64_t cancelled = 0;
  // That were started; not shown where there are several processes.
  std::optional<uint64_t> workers;
};

// "SUCCESSES: 26 | FAILURES: 0 | WORKERS: 1", and " | CANCELLED: 2" when any
// were.
std::string counts_line(const RunCounts& counts);

// Of a run so far.
RunCounts run_counts(const metrics::Totals& totals, bool with_workers);

// "WARM-UP: 1200 runs, 3 failed", and ", 2 cancelled" when any were.
std::string warm_up_line(const metrics::Totals& totals);

// `line` over the one that the terminal's cursor is in; the cursor stays there.
std::string redrawn(std::string_view line);

// What --sizing found, in the place of the counts line where it found it.
std::vector<std::string> sizing_lines(const metrics::SizingVerdict& verdict,
                                      const RunCounts& overall);

// What goes into a run's summary.
struct SummaryParts {
  bool workers = false;       // behind the counts
  bool endpoints = false;     // how the requests of the busiest ones ended
  bool results = false;       // the tables of results
  bool only_results = false;  // and the judgements, but nothing else
  const metrics::SizingVerdict* sizing = nullptr;
  std::span<const Judgement> judgements = {};  // a line each
};

// The whole of it: how many failures were not shown, what was asked for, the
// warm-up's runs where there was one, the counts, the results, the judgements,
// "*** Bye ***".
std::vector<std::string> summary_lines(metrics::Board& board,
                                       const metrics::RunData& data,
                                       const SummaryParts& parts);

// "SIGKILL"; "signal 70" for one without a name.
std::string signal_name(int signal);

// How a process ended that should not have, as waitpid gives it: "Process 4711
// was killed by SIGKILL", "Process 4711 ended with exit code 3".
std::string death_line(int pid, int wait_status);

}  // namespace molotov::report
