// Workers on a virtual clock: when each step begins, what is counted and said,
// and how each way to stop ends it.
#include "load/run.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "io/sim_loop.h"
#include "load/fake_program.h"

namespace molotov::load {
namespace {

using metrics::StopLevel;

constexpr auto kEver = std::chrono::hours(48);
using Lines = std::vector<std::string>;

class RunTest : public testing::Test {
 protected:
  void start() {
    run_ = std::make_unique<load::Run>(loop_, options_, program_, *board_, 0,
                                       console_);
    run_->start();
  }
  void run_to_end() {
    if (!run_) start();
    const Instant end = loop_.now() + kEver;
    while (!run_->done() && loop_.now() < end) loop_.turn(kEver);
    ASSERT_TRUE(run_->done());
    EXPECT_EQ(program_.codes, 0);
    EXPECT_EQ(part().workers_running.get(), 0u);
    loop_.turn(0ns);
    EXPECT_FALSE(loop_.turn(Duration::max())) << "something is left over";
  }
  void request_stop(StopLevel level) {
    board_->request_stop(level);
    run_->check_stop();
  }
  void set_scenarios(std::vector<ScenarioInfo> scenarios) {
    std::destroy_at(&program_);
    std::construct_at(&program_, loop_, std::move(scenarios));
  }
  metrics::ProcessPart& part() { return board_->part(0); }
  int64_t elapsed_ms() {
    return (loop_.now() - began_) / std::chrono::milliseconds(1);
  }

  io::SimLoop loop_;
  Instant began_ = loop_.now();
  FakeProgram program_{loop_};
  FakeConsole console_;
  RunOptions options_;
  std::unique_ptr<metrics::Board> board_ =
      std::move(*metrics::Board::create(2));
  std::unique_ptr<load::Run> run_;
};

TEST_F(RunTest, OneWorkerLivesFromSetupToTeardown) {
  options_.max_runs = 2;
  run_to_end();
  EXPECT_EQ(program_.log, Lines({"0 W0 setup", "0 W0 run 1 only",
                                 "0 W0 run 2 only", "0 W0 teardown"}));
  EXPECT_EQ(part().workers_started.get(), 1u);
  EXPECT_EQ(part().runs_succeeded.get(), 2u);
  EXPECT_EQ(console_.lines, Lines());
}

TEST_F(RunTest, NoWorkersAreDoneAtOnce) {
  for (int workers : {0, -1}) {
    options_.workers = workers;
    start();
    EXPECT_TRUE(run_->done());
    loop_.turn(0ns);
  }
  EXPECT_EQ(part().workers_started.get(), 0u);
}

TEST_F(RunTest, RampUpSpreadsTheStarts) {
  options_.workers = 5;
  options_.ramp_up = 10s;
  options_.max_runs = 1;
  run_to_end();
  EXPECT_EQ(program_.notes("setup"),
            Lines({"0 W0 setup", "2000 W1 setup", "4000 W2 setup",
                   "6000 W3 setup", "8000 W4 setup"}));
  EXPECT_EQ(elapsed_ms(), 8000);
}

TEST_F(RunTest, RampUpBeginsWithTheLoop) {
  // The clock of a loop that has not turned yet stands still.
  options_.workers = 2;
  options_.ramp_up = 2s;
  options_.max_runs = 1;
  start();
  EXPECT_EQ(program_.log, Lines());
  run_to_end();
  EXPECT_EQ(program_.notes("setup"), Lines({"0 W0 setup", "1000 W1 setup"}));
}

TEST_F(RunTest, BoundsOfAWorker) {
  const struct {
    const char* name;
    Duration duration;
    int64_t max_runs;
    Duration run_takes;
    uint64_t runs;
    int64_t lasts_ms;
  } rows[] = {
      {"max runs", 24h, 3, 100ms, 3, 300},
      {"no bound on runs", 1s, 0, 100ms, 10, 1000},
      {"no runs at all", 24h, -1, 100ms, 0, 0},
      {"what began goes on", 1s, 0, 300ms, 4, 1200},
      {"over at the instant itself", 1s, 0, 500ms, 2, 1000},
      {"a millisecond more", 1001ms, 0, 500ms, 3, 1500},
      {"longer than the duration", 1s, 0, 6s, 1, 6000},
      {"none", 0s, 0, 100ms, 0, 0},
      {"negative", -5s, 0, 100ms, 0, 0},
      {"runs before duration", 1s, 2, 100ms, 2, 200},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.name);
    const uint64_t before = part().runs_succeeded.get();
    const Instant began = loop_.now();
    options_.duration = row.duration;
    options_.max_runs = row.max_runs;
    program_.run = [&](int, size_t, int64_t) { return takes(row.run_takes); };
    run_.reset();
    run_to_end();
    EXPECT_EQ(part().runs_succeeded.get() - before, row.runs);
    EXPECT_EQ((loop_.now() - began) / 1ms, row.lasts_ms);
  }
}

TEST_F(RunTest, DurationIsFromTheWorkersOwnStart) {
  options_.workers = 3;
  options_.ramp_up = 6s;
  options_.duration = 1s;
  program_.run = [](int, size_t, int64_t) { return takes(100ms); };
  run_to_end();
  EXPECT_EQ(elapsed_ms(), 5000);
  EXPECT_EQ(part().runs_succeeded.get(), 30u);
}

TEST_F(RunTest, DurationIncludesTheSetup) {
  options_.duration = 1s;
  program_.setup = [](int) { return takes(600ms); };
  program_.run = [](int, size_t, int64_t) { return takes(200ms); };
  run_to_end();
  EXPECT_EQ(part().runs_succeeded.get(), 2u);
}

TEST_F(RunTest, FailuresCountAsRuns) {
  options_.max_runs = 4;
  program_.run = [](int, size_t, int64_t step) {
    return at_once(step % 2 ? RunOutcome::failed : RunOutcome::succeeded);
  };
  run_to_end();
  EXPECT_EQ(part().runs_succeeded.get(), 2u);
  EXPECT_EQ(part().runs_failed.get(), 2u);
}

TEST_F(RunTest, SingleRunRunsEachScenarioOnceByName) {
  set_scenarios({{"a"}, {"b"}, {"c"}});
  options_.single_run = true;
  options_.workers = 2;
  program_.run = [](int id, size_t, int64_t) { return takes(id ? 3ms : 2ms); };
  run_to_end();
  EXPECT_EQ(program_.notes("W0 run"),
            Lines({"0 W0 run 1 a", "2 W0 run 2 b", "4 W0 run 3 c"}));
  EXPECT_EQ(program_.notes("W1 run"),
            Lines({"0 W1 run 1 a", "3 W1 run 2 b", "6 W1 run 3 c"}));
}

TEST_F(RunTest, SingleRunIsBoundedByTheOthers) {
  set_scenarios({{"a"}, {"b"}, {"c"}});
  options_.single_run = true;
  options_.max_runs = 2;
  program_.run = [](int, size_t, int64_t) { return takes(600ms); };
  run_to_end();
  EXPECT_EQ(part().runs_succeeded.get(), 2u);

  options_.max_runs = 0;
  options_.duration = 500ms;
  run_.reset();
  run_to_end();
  EXPECT_EQ(part().runs_succeeded.get(), 3u);
}

TEST_F(RunTest, SingleModeRepeatsOne) {
  set_scenarios({{"a"}, {"b", 100}, {"c"}});
  options_.single_mode = 2;
  options_.max_runs = 3;
  program_.picker = [](int, int64_t) -> size_t { return 0; };
  run_to_end();
  EXPECT_EQ(program_.notes("run"),
            Lines({"0 W0 run 1 c", "0 W0 run 2 c", "0 W0 run 3 c"}));
}

TEST_F(RunTest, ScenariosArePickedByTheProgramsDraws) {
  set_scenarios({{"a", 1}, {"b", 3}});
  options_.max_runs = 3;
  program_.draw = [draws = std::vector<double>{0.9, 0.2, 0.3}]() mutable {
    const double first = draws.front();
    draws.erase(draws.begin());
    return first;
  };
  run_to_end();
  EXPECT_EQ(program_.notes("run"),
            Lines({"0 W0 run 1 b", "0 W0 run 2 a", "0 W0 run 3 b"}));
}

// Delays

TEST_F(RunTest, DelayIsAfterEveryRunAlsoTheLast) {
  options_.delay = 210ms;
  options_.max_runs = 3;
  program_.run = [](int, size_t, int64_t step) {
    return at_once(step == 2 ? RunOutcome::failed : RunOutcome::succeeded);
  };
  run_to_end();
  EXPECT_EQ(program_.log,
            Lines({"0 W0 setup", "0 W0 run 1 only", "210 W0 run 2 only",
                   "420 W0 run 3 only", "630 W0 teardown"}));
}

TEST_F(RunTest, ScenarioDelayIsAfterSuccessOnly) {
  set_scenarios({{"a", 1, 100ms}});
  options_.delay = 10ms;
  options_.max_runs = 3;
  program_.run = [](int, size_t, int64_t step) {
    return at_once(step == 2 ? RunOutcome::failed : RunOutcome::succeeded);
  };
  run_to_end();
  EXPECT_EQ(program_.log, Lines({"0 W0 setup", "0 W0 run 1 a", "110 W0 run 2 a",
                                 "120 W0 run 3 a", "230 W0 teardown"}));
}

TEST_F(RunTest, NegativeDelaysAreNone) {
  set_scenarios({{"a", 1, -1s}});
  options_.delay = -1s;
  options_.max_runs = 2;
  run_to_end();
  EXPECT_EQ(elapsed_ms(), 0);
  EXPECT_EQ(part().runs_succeeded.get(), 2u);
}

// Turns

TEST_F(RunTest, RunsThatWaitForNothingTakeTurns) {
  options_.workers = 2;
  options_.max_runs = 3;
  run_to_end();
  EXPECT_EQ(program_.notes("run"),
            Lines({"0 W0 run 1 only", "0 W1 run 1 only", "0 W0 run 2 only",
                   "0 W1 run 2 only", "0 W0 run 3 only", "0 W1 run 3 only"}));
}

TEST_F(RunTest, RunThatWaitedIsFollowedAtOnce) {
  program_.run = [](int, size_t, int64_t) { return takes(10ms); };
  start();
  while (program_.notes("run").empty()) loop_.turn(0ns);
  EXPECT_TRUE(loop_.turn(10ms));
  EXPECT_EQ(program_.notes("run").size(), 2u);
  EXPECT_FALSE(loop_.has_work());
}

TEST_F(RunTest, MillionsOfRunsUseNoStack) {
  options_.max_runs = 2'000'000;
  program_.logs_runs = false;
  program_.says_suspended = true;  // wrongly
  run_to_end();
  EXPECT_EQ(part().runs_succeeded.get(), 2'000'000u);
}

TEST_F(RunTest, TenThousandWorkers) {
  options_.workers = 10'000;
  options_.ramp_up = 10s;
  options_.max_runs = 2;
  program_.logs_runs = false;
  program_.run = [](int, size_t, int64_t) { return takes(5s); };
  run_to_end();
  EXPECT_EQ(part().workers_started.get(), 10'000u);
  EXPECT_EQ(part().runs_succeeded.get(), 20'000u);
}

// What is said

TEST_F(RunTest, LinesOfAWorkersLife) {
  options_.verbosity = 1;
  options_.workers = 2;
  options_.ramp_up = 2s;
  options_.max_runs = 1;
  start();
  EXPECT_EQ(console_.lines, Lines({"[W:0] Starting", "[W:1] Starting"}));
  console_.lines.clear();
  run_to_end();
  EXPECT_EQ(console_.lines, Lines({"[W:0] Running scenarios", "[W:0] Done!",
                                   "[W:1] Running scenarios", "[W:1] Done!"}));
}

TEST_F(RunTest, EveryTenthRunIsSaid) {
  options_.verbosity = 1;
  options_.max_runs = 25;
  run_to_end();
  EXPECT_EQ(console_.lines, Lines({"[W:0] Starting", "[W:0] Running scenarios",
                                   "[W:0] Ran 10 scenarios",
                                   "[W:0] Ran 20 scenarios", "[W:0] Done!"}));
}

TEST_F(RunTest, QuietSaysNothing) {
  options_.verbosity = 2;
  options_.quiet = true;
  options_.max_runs = 10;
  program_.picker = [](int, int64_t) { return kNoScenario; };
  run_to_end();
  EXPECT_EQ(console_.lines, Lines());
  EXPECT_EQ(part().runs_failed.get(), 10u);
}

// The script's own picker

TEST_F(RunTest, PickerChooses) {
  set_scenarios({{"a"}, {"b"}});
  options_.max_runs = 3;
  program_.picker = [](int, int64_t step) { return size_t(step == 2); };
  run_to_end();
  EXPECT_EQ(program_.notes("run"),
            Lines({"0 W0 run 1 a", "0 W0 run 2 b", "0 W0 run 3 a"}));
}

TEST_F(RunTest, PickerThatFindsNoneIsAFailedRun) {
  options_.max_runs = 3;
  options_.delay = 1s;
  program_.picker = [](int, int64_t step) {
    return step == 2 ? kNoScenario : 0;
  };
  run_to_end();
  EXPECT_EQ(program_.notes("run"),
            Lines({"0 W0 run 1 only", "2000 W0 run 3 only"}));
  EXPECT_EQ(part().runs_failed.get(), 1u);
  EXPECT_EQ(console_.lines,
            Lines({"[W:0] Could not pick a scenario",
                   "ValueError('Could not pick a scenario')", ""}));
}

TEST_F(RunTest, FailuresToPickAreShownAHundredTimes) {
  options_.max_runs = 1000;
  program_.picker = [](int, int64_t) { return kNoScenario; };
  run_to_end();
  EXPECT_EQ(part().runs_failed.get(), 1000u);
  EXPECT_EQ(console_.lines.size(), 3 * metrics::kFailuresShown);
}

TEST_F(RunTest, PickerThatRaisesKillsItsWorker) {
  options_.workers = 2;
  options_.max_runs = 3;
  program_.picker = [](int id, int64_t step) {
    return id == 0 && step == 2 ? kPickerFailed : 0;
  };
  run_to_end();
  EXPECT_EQ(part().workers_died.get(), 1u);
  EXPECT_EQ(part().runs_failed.get(), 0u);
  EXPECT_EQ(part().runs_succeeded.get(), 4u);
  EXPECT_EQ(program_.notes("teardown").size(), 2u);
}

// What goes wrong

TEST_F(RunTest, WorkerThatDiesLeavesTheOthers) {
  options_.verbosity = 1;
  options_.workers = 2;
  options_.max_runs = 5;
  options_.stop_on_failure = true;  // a death is not a failed run
  program_.run = [](int id, size_t, int64_t step) {
    return takes(
        1ms, id == 0 && step == 2 ? RunOutcome::died : RunOutcome::succeeded);
  };
  run_to_end();
  EXPECT_EQ(part().workers_died.get(), 1u);
  EXPECT_EQ(part().runs_succeeded.get(), 6u);
  EXPECT_EQ(part().runs_failed.get(), 0u);
  EXPECT_EQ(program_.notes("W0 teardown").size(), 1u);
  EXPECT_EQ(std::ranges::count(console_.lines, "[W:0] Done!"), 0);
  EXPECT_EQ(std::ranges::count(console_.lines, "[W:1] Done!"), 1);
  EXPECT_EQ(board_->stop_level(), StopLevel::none);
}

TEST_F(RunTest, FailedSetupStopsAll) {
  options_.verbosity = 1;
  options_.workers = 3;
  options_.ramp_up = 3s;
  program_.setup = [](int id) {
    return id == 1 ? at_once(RunOutcome::failed) : at_once();
  };
  program_.run = [](int, size_t, int64_t) { return takes(300ms); };
  run_to_end();
  EXPECT_EQ(board_->stop_level(), StopLevel::graceful);
  EXPECT_EQ(board_->shared().stopped_by_failure.load(), 1u);
  // The first ends after its run, the last never began.
  EXPECT_EQ(program_.notes("teardown"),
            Lines({"1000 W1 teardown", "1200 W0 teardown"}));
  EXPECT_EQ(program_.notes("W1 run").size(), 0u);
  EXPECT_EQ(program_.notes("W2").size(), 0u);
  EXPECT_EQ(console_.lines,
            Lines({"[W:0] Starting", "[W:1] Starting", "[W:2] Starting",
                   "[W:0] Running scenarios", "[W:0] Done!"}));
}

TEST_F(RunTest, FailedSessionSetupStopsAllAndCountsNoRun) {
  options_.workers = 2;
  program_.run = [](int id, size_t, int64_t) {
    return takes(10ms * (id + 1),
                 id == 0 ? RunOutcome::not_run : RunOutcome::succeeded);
  };
  run_to_end();
  EXPECT_EQ(part().runs_succeeded.get(), 1u);
  EXPECT_EQ(part().runs_failed.get(), 0u);
  EXPECT_EQ(part().runs_cancelled.get(), 0u);
  EXPECT_EQ(board_->shared().stopped_by_failure.load(), 1u);
  EXPECT_EQ(program_.notes("teardown").size(), 2u);
}

TEST_F(RunTest, StopOnFailureStopsAllProcesses) {
  options_.stop_on_failure = true;
  program_.run = [](int, size_t, int64_t step) {
    return takes(100ms, step == 3 ? RunOutcome::failed : RunOutcome::succeeded);
  };
  FakeProgram other_program(loop_);
  other_program.run = [](int, size_t, int64_t) { return takes(30ms); };
  RunOptions other_options;
  other_options.delay = 24h;
  load::Run other(loop_, other_options, other_program, *board_, 1, console_);
  other.start();
  start();
  while (!run_->done()) loop_.turn(kEver);
  EXPECT_EQ(elapsed_ms(), 300);
  EXPECT_EQ(part().runs_failed.get(), 1u);
  EXPECT_EQ(board_->shared().stopped_by_failure.load(), 1u);

  EXPECT_FALSE(other.done());  // asleep, until its process is woken
  other.check_stop();
  loop_.advance(0ns);
  EXPECT_TRUE(other.done());
  EXPECT_EQ(elapsed_ms(), 300);
}

TEST_F(RunTest, WithoutItAFailureStopsNothing) {
  options_.max_runs = 3;
  program_.run = [](int, size_t, int64_t) {
    return at_once(RunOutcome::failed);
  };
  run_to_end();
  EXPECT_EQ(part().runs_failed.get(), 3u);
  EXPECT_EQ(board_->stop_level(), StopLevel::none);
}

// Stopping

TEST_F(RunTest, GracefulStopFinishesRunsAndWakesSleepers) {
  options_.verbosity = 1;
  options_.workers = 4;
  options_.ramp_up = 4s;
  options_.delay = 24h;
  program_.run = [](int id, size_t, int64_t) {
    return takes(id == 2 ? 5s : 10ms);
  };
  start();
  loop_.advance(2500ms);  // 0 and 1 sleep, 2 runs, 3 waits for its slot
  console_.lines.clear();
  request_stop(StopLevel::graceful);
  loop_.advance(0ns);
  EXPECT_EQ(program_.notes("teardown"),
            Lines({"2500 W0 teardown", "2500 W1 teardown"}));
  run_to_end();
  EXPECT_EQ(program_.notes("W2"),
            Lines({"2000 W2 setup", "2000 W2 run 1 only", "7000 W2 teardown"}));
  EXPECT_EQ(program_.notes("W3"), Lines());
  EXPECT_EQ(console_.lines,
            Lines({"[W:0] Done!", "[W:1] Done!", "[W:2] Done!"}));
  EXPECT_EQ(part().workers_started.get(), 3u);
  EXPECT_EQ(part().runs_cancelled.get(), 0u);
}

TEST_F(RunTest, BusyWorkerSeesAStopWithoutBeingTold) {
  program_.run = [this](int, size_t, int64_t step) {
    if (step == 5) board_->request_stop(StopLevel::graceful);
    return at_once();
  };
  run_to_end();
  EXPECT_EQ(part().runs_succeeded.get(), 5u);
}

TEST_F(RunTest, StopBeforeTheStartRunsNothing) {
  options_.workers = 3;
  options_.ramp_up = 24h;
  run_ = std::make_unique<load::Run>(loop_, options_, program_, *board_, 0,
                                     console_);
  request_stop(StopLevel::graceful);
  run_->start();
  run_to_end();
  EXPECT_EQ(elapsed_ms(), 0);
  EXPECT_EQ(program_.log, Lines());
}

TEST_F(RunTest, StopBetweenStartAndFirstTurnRunsNothing) {
  options_.workers = 3;
  start();
  request_stop(StopLevel::graceful);
  run_to_end();
  EXPECT_EQ(program_.log, Lines());
  EXPECT_EQ(part().workers_started.get(), 0u);
}

TEST_F(RunTest, CancelCutsRunsOff) {
  options_.workers = 3;
  program_.run = [](int, size_t, int64_t) { return takes(24h); };
  start();
  loop_.advance(1s);
  request_stop(StopLevel::graceful);
  loop_.advance(1s);
  EXPECT_EQ(program_.notes("teardown"), Lines());
  request_stop(StopLevel::cancel);
  run_to_end();
  EXPECT_EQ(elapsed_ms(), 2000);
  EXPECT_EQ(part().runs_cancelled.get(), 3u);
  EXPECT_EQ(part().runs_succeeded.get() + part().runs_failed.get(), 0u);
  EXPECT_EQ(program_.notes("cancel").size(), 3u);
  EXPECT_EQ(program_.notes("teardown").size(), 3u);
}

TEST_F(RunTest, CancelReachesSetupAndTeardown) {
  options_.workers = 2;
  options_.max_runs = 1;
  program_.setup = [](int id) { return id == 0 ? takes(24h) : at_once(); };
  program_.teardown = [](int id) { return id == 1 ? takes(24h) : at_once(); };
  start();
  loop_.advance(1s);
  request_stop(StopLevel::cancel);
  run_to_end();
  EXPECT_EQ(elapsed_ms(), 1000);
  EXPECT_EQ(program_.notes("teardown").size(), 2u);
  // Cutting a setup off is not its failure.
  EXPECT_EQ(board_->shared().stopped_by_failure.load(), 0u);
}

TEST_F(RunTest, ForceShutdownCutsOffWhatIsOverItsTime) {
  options_.force_shutdown = true;
  options_.workers = 2;
  options_.ramp_up = 4s;
  options_.duration = 5s;
  program_.run = [](int, size_t, int64_t) { return takes(3s); };
  run_to_end();
  EXPECT_EQ(part().runs_succeeded.get(), 2u);
  EXPECT_EQ(part().runs_cancelled.get(), 2u);
  EXPECT_EQ(program_.notes("cancel"),
            Lines({"5000 W0 cancel", "7000 W1 cancel"}));
  EXPECT_EQ(elapsed_ms(), 7000);
}

TEST_F(RunTest, ForceShutdownWakesSleepersAndCutsSetupsOff) {
  options_.force_shutdown = true;
  options_.workers = 2;
  options_.duration = 1s;
  options_.delay = 24h;
  program_.setup = [](int id) { return id == 0 ? takes(24h) : at_once(); };
  run_to_end();
  EXPECT_EQ(elapsed_ms(), 1000);
  EXPECT_EQ(part().runs_succeeded.get(), 1u);
  EXPECT_EQ(board_->shared().stopped_by_failure.load(), 0u);
}

TEST_F(RunTest, WithoutForceShutdownARunOutlivesTheDuration) {
  options_.duration = 100ms;
  program_.run = [](int, size_t, int64_t) { return takes(5s); };
  run_to_end();
  EXPECT_EQ(elapsed_ms(), 5000);
  EXPECT_EQ(part().runs_succeeded.get(), 1u);
}

TEST_F(RunTest, MayBeDestroyedInTheMiddle) {
  options_.workers = 4;
  options_.ramp_up = 4s;
  options_.delay = 24h;
  options_.force_shutdown = true;
  program_.run = [](int id, size_t, int64_t) {
    return id ? takes(1s) : at_once();
  };
  start();
  loop_.advance(1500ms);  // one sleeps, one runs, two wait for their slots
  run_.reset();
  EXPECT_EQ(program_.codes, 0);
  EXPECT_FALSE(loop_.turn(Duration::max()));
}

}  // namespace
}  // namespace molotov::load
