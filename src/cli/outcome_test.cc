// The table of exit statuses (contract), and what signals mean.
#include "cli/outcome.h"

#include <gtest/gtest.h>
#include <signal.h>

namespace molotov::cli {
namespace {

Outcome with_failures(uint64_t failed, std::optional<int64_t> allowed) {
  Outcome outcome;
  outcome.totals.runs_failed = failed;
  outcome.failures_allowed = allowed;
  return outcome;
}

TEST(ExitStatus, FailedRunsAloneAreNoFailure) {
  EXPECT_EQ(exit_status({}), 0);
  EXPECT_EQ(exit_status(with_failures(1000, std::nullopt)), 0);
}

TEST(ExitStatus, CountsFailuresAgainstTheBound) {
  EXPECT_EQ(exit_status(with_failures(4, 5)), 0);
  EXPECT_EQ(exit_status(with_failures(5, 5)), 1);
  EXPECT_EQ(exit_status(with_failures(0, 0)), 1);
  EXPECT_EQ(exit_status(with_failures(0, -3)), 1);
}

TEST(ExitStatus, AnyFailedRunMayCount) {
  Outcome outcome = with_failures(0, std::nullopt);
  outcome.fail_on_any = true;
  outcome.totals.runs_cancelled = 3;
  EXPECT_EQ(exit_status(outcome), 0);
  outcome.totals.runs_failed = 1;
  EXPECT_EQ(exit_status(outcome), 1);
  outcome.failures_allowed = 10;  // which does not make it good
  EXPECT_EQ(exit_status(outcome), 1);
}

TEST(ExitStatus, FixturesWorkersAndProcesses) {
  using metrics::Totals;
  for (uint64_t Totals::* counter :
       {&Totals::setups_failed, &Totals::session_setups_failed,
        &Totals::teardowns_failed, &Totals::workers_died}) {
    Outcome outcome;
    outcome.totals.*counter = 1;
    EXPECT_EQ(exit_status(outcome), 1);
  }
  Outcome script, process;
  script.script_failed = true;
  process.process_died = true;
  EXPECT_EQ(exit_status(script), 1);
  EXPECT_EQ(exit_status(process), 1);
}

TEST(ExitStatus, AThresholdIsWeakerThanWhatFailed) {
  Outcome outcome = with_failures(9, 10);
  outcome.threshold_crossed = true;
  EXPECT_EQ(exit_status(outcome), 99);
  outcome.failures_allowed = 9;
  EXPECT_EQ(exit_status(outcome), 1);
  outcome.script_exit = 5;
  EXPECT_EQ(exit_status(outcome), 5);
}

TEST(ExitStatus, TheFirstThatAppliesIsTaken) {
  Outcome outcome = with_failures(9, 1);
  outcome.process_died = true;
  outcome.script_exit = 0;
  EXPECT_EQ(exit_status(outcome), 0);
  outcome.script_exit = 42;
  EXPECT_EQ(exit_status(outcome), 42);
  outcome.ended_by_signal = SIGINT;
  EXPECT_EQ(exit_status(outcome), 130);
  outcome.ended_by_signal = SIGTERM;
  EXPECT_EQ(exit_status(outcome), 143);
}

using Step = Interrupts::Step;

TEST(Interrupts, FirstStopsSecondCancels) {
  Interrupts interrupts;
  EXPECT_EQ(interrupts.on_signal(SIGTERM, true), Step::graceful);
  EXPECT_EQ(interrupts.ended_by(), 0);
  EXPECT_EQ(interrupts.on_signal(SIGINT, true), Step::cancel);
  EXPECT_EQ(interrupts.ended_by(), SIGINT);
  EXPECT_EQ(interrupts.on_signal(SIGTERM, true), Step::hurry);
  EXPECT_EQ(interrupts.ended_by(), SIGINT);
}

TEST(Interrupts, BeforeTheLoadTheFirstEndsIt) {
  Interrupts interrupts;
  EXPECT_EQ(interrupts.on_signal(SIGTERM, false), Step::end);
  EXPECT_EQ(interrupts.ended_by(), SIGTERM);
  EXPECT_EQ(interrupts.on_signal(SIGINT, false), Step::hurry);
}

}  // namespace
}  // namespace molotov::cli
