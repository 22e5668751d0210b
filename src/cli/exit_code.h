// What the command's exit status says.
#pragma once

namespace molotov::cli {

enum class ExitCode : int {
  ok = 0,             // ended as asked, also with failed runs
  failure = 1,        // -f reached; fixture, worker, process, script, config
  usage = 2,          // wrong arguments
  threshold = 99,     // one is crossed, and nothing failed
  interrupted = 130,  // SIGINT: the second, or the first before the load began
  terminated = 143,   // SIGTERM, likewise
};

constexpr int to_int(ExitCode code) {
  return static_cast<int>(code);
}

}  // namespace molotov::cli
