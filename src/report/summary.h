// The last lines of a run, as text: no line ends with its newline, and nothing
// here is coloured or printed.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

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

// `line` over the one that the terminal's cursor is in; the cursor stays there.
std::string redrawn(std::string_view line);

struct SizingFigures {
  bool reached = false;
  double error_ratio = 0;  // in percent
  uint64_t workers = 0;
  RunCounts overall;
  RunCounts last_minute;
};

// What --sizing found, in the place of the counts line.
std::vector<std::string> sizing_lines(const SizingFigures& figures);

// "SIGKILL"; "signal 70" for one without a name.
std::string signal_name(int signal);

// How a process ended that should not have, as waitpid gives it: "Process 4711
// was killed by SIGKILL", "Process 4711 ended with exit code 3".
std::string death_line(int pid, int wait_status);

}  // namespace molotov::report
