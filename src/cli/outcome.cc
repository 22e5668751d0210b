#include "cli/outcome.h"

#include <signal.h>

#include "cli/exit_code.h"

namespace molotov::cli {
namespace {

bool anything_failed(const Outcome& outcome) {
  const metrics::Totals& totals = outcome.totals;
  const bool fixture_failed = totals.setups_failed > 0 ||
                              totals.session_setups_failed > 0 ||
                              totals.teardowns_failed > 0;
  return outcome.script_failed || outcome.process_died ||
         outcome.report_failed || fixture_failed || totals.workers_died > 0 ||
         metrics::too_many_failed(totals.runs_failed, outcome.failures_allowed,
                                  outcome.fail_on_any);
}

}  // namespace

int exit_status(const Outcome& outcome) {
  if (outcome.ended_by_signal == SIGTERM) return to_int(ExitCode::terminated);
  if (outcome.ended_by_signal != 0) return to_int(ExitCode::interrupted);
  if (outcome.script_exit) return *outcome.script_exit;
  if (anything_failed(outcome)) return to_int(ExitCode::failure);
  // Weaker than what failed, for then the figures are of less than the run.
  return to_int(outcome.threshold_crossed ? ExitCode::threshold : ExitCode::ok);
}

Interrupts::Step Interrupts::on_signal(int signal, bool load_began) {
  if (ended_by_ != 0) return Step::hurry;
  ++count_;
  if (count_ == 1 && load_began) return Step::graceful;
  ended_by_ = signal;
  return load_began ? Step::cancel : Step::end;
}

}  // namespace molotov::cli
