// How a run ended, and the exit status that says so.
#pragma once

#include <cstdint>
#include <optional>

#include "metrics/board.h"

namespace molotov::cli {

struct Outcome {
  // The signal that ended the run at once: the second one, or the first before
  // the load began. 0: none.
  int ended_by_signal = 0;
  // The script called sys.exit() with this.
  std::optional<int> script_exit;
  // The script could not be used, or a global fixture failed.
  bool script_failed = false;
  // A process ended that should not have.
  bool process_died = false;
  // What was asked for could not be written.
  bool report_failed = false;
  // -f.
  std::optional<int64_t> failures_allowed;
  // --fail-on-any.
  bool fail_on_any = false;
  // --threshold: one was crossed.
  bool threshold_crossed = false;
  metrics::Totals totals;
};

int exit_status(const Outcome& outcome);

// What SIGINT and SIGTERM mean, the first one and the next.
class Interrupts {
 public:
  enum class Step : uint8_t {
    graceful,  // no new runs; those in progress finish
    cancel,    // those in progress are cancelled, and soon killed
    end,       // there is no load yet: all ends at once
    hurry,     // nothing is left to stop, but whoever waits should not
  };

  Step on_signal(int signal, bool load_began);

  // One has come.
  bool any() const { return count_ > 0; }
  // As Outcome::ended_by_signal.
  int ended_by() const { return ended_by_; }

 private:
  int count_ = 0;
  int ended_by_ = 0;
};

}  // namespace molotov::cli
