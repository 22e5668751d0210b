// How runs end before their time: by what goes wrong in them, and by each way
// to stop them.
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>

#include "load/run_fixture.h"

namespace molotov::load {
namespace {

using metrics::StopLevel;

class StopTest : public RunTest {};

// What goes wrong

TEST_F(StopTest, WorkerThatDiesLeavesTheOthers) {
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

TEST_F(StopTest, FailedSetupStopsAll) {
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

TEST_F(StopTest, FailedSessionSetupStopsAllAndCountsNoRun) {
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

TEST_F(StopTest, StopOnFailureStopsAllProcesses) {
  options_.stop_on_failure = true;
  program_.run = [](int, size_t, int64_t step) {
    return takes(100ms, step == 3 ? RunOutcome::failed : RunOutcome::succeeded);
  };
  FakeProgram other_program(loop_);
  other_program.run = [](int, size_t, int64_t) { return takes(30ms); };
  RunOptions other_options;
  other_options.delay = 24h;
  metrics::SeriesWriter other_series(board_->series(1));
  load::Run other(loop_, other_options, other_program, *board_, 1, other_series,
                  console_);
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

TEST_F(StopTest, WithoutItAFailureStopsNothing) {
  options_.max_runs = 3;
  program_.run = [](int, size_t, int64_t) {
    return at_once(RunOutcome::failed);
  };
  run_to_end();
  EXPECT_EQ(part().runs_failed.get(), 3u);
  EXPECT_EQ(board_->stop_level(), StopLevel::none);
}

// Stopping

TEST_F(StopTest, GracefulStopFinishesRunsAndWakesSleepers) {
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

TEST_F(StopTest, BusyWorkerSeesAStopWithoutBeingTold) {
  program_.run = [this](int, size_t, int64_t step) {
    if (step == 5) board_->request_stop(StopLevel::graceful);
    return at_once();
  };
  run_to_end();
  EXPECT_EQ(part().runs_succeeded.get(), 5u);
}

TEST_F(StopTest, StopBeforeTheStartRunsNothing) {
  options_.workers = 3;
  options_.ramp_up = 24h;
  series_.emplace(board_->series(0));
  run_ = std::make_unique<load::Run>(loop_, options_, program_, *board_, 0,
                                     *series_, console_);
  request_stop(StopLevel::graceful);
  run_->start();
  run_to_end();
  EXPECT_EQ(elapsed_ms(), 0);
  EXPECT_EQ(program_.log, Lines());
}

TEST_F(StopTest, StopBetweenStartAndFirstTurnRunsNothing) {
  options_.workers = 3;
  start();
  request_stop(StopLevel::graceful);
  run_to_end();
  EXPECT_EQ(program_.log, Lines());
  EXPECT_EQ(part().workers_started.get(), 0u);
}

TEST_F(StopTest, CancelCutsRunsOff) {
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

TEST_F(StopTest, CancelReachesSetupAndTeardown) {
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

TEST_F(StopTest, NoGraceAfterTheDurationCutsOff) {
  options_.grace_after_duration = 0s;
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

TEST_F(StopTest, NoGraceWakesSleepersAndCutsSetupsOff) {
  options_.grace_after_duration = 0s;
  options_.workers = 2;
  options_.duration = 1s;
  options_.delay = 24h;
  program_.setup = [](int id) { return id == 0 ? takes(24h) : at_once(); };
  run_to_end();
  EXPECT_EQ(elapsed_ms(), 1000);
  EXPECT_EQ(part().runs_succeeded.get(), 1u);
  EXPECT_EQ(board_->shared().stopped_by_failure.load(), 0u);
}

TEST_F(StopTest, WithoutABoundARunOutlivesTheDuration) {
  options_.duration = 100ms;
  program_.run = [](int, size_t, int64_t) { return takes(5s); };
  run_to_end();
  EXPECT_EQ(elapsed_ms(), 5000);
  EXPECT_EQ(part().runs_succeeded.get(), 1u);
}

TEST_F(StopTest, GraceAfterTheDurationIsEachWorkersOwn) {
  options_.grace_after_duration = 2s;
  options_.workers = 2;
  options_.ramp_up = 4s;
  options_.duration = 5s;
  program_.run = [](int id, size_t, int64_t) {
    return takes(id == 0 ? 6s : 8s);
  };
  run_to_end();
  EXPECT_EQ(part().runs_succeeded.get(), 1u);
  EXPECT_EQ(program_.notes("cancel"), Lines({"9000 W1 cancel"}));
  EXPECT_EQ(program_.notes("teardown"),
            Lines({"6000 W0 teardown", "9000 W1 teardown"}));
}

TEST_F(StopTest, GraceAfterAStopBoundsRunsAndSetups) {
  options_.grace_after_stop = 2s;
  options_.workers = 3;
  program_.setup = [](int id) { return id == 0 ? takes(24h) : at_once(); };
  program_.run = [](int id, size_t, int64_t) {
    return takes(id == 1 ? 24h : 1500ms);
  };
  start();
  loop_.advance(1s);
  request_stop(StopLevel::graceful);
  run_to_end();
  EXPECT_EQ(program_.notes("3000 W0 cancel").size(), 1u);
  EXPECT_EQ(program_.notes("3000 W1 cancel").size(), 1u);
  EXPECT_EQ(part().runs_succeeded.get(), 1u);
  EXPECT_EQ(part().runs_cancelled.get(), 1u);
  EXPECT_EQ(board_->shared().stopped_by_failure.load(), 0u);
  EXPECT_EQ(elapsed_ms(), 3000);
}

TEST_F(StopTest, GraceAppliesAlsoAfterAFailure) {
  options_.grace_after_stop = 2s;
  options_.stop_on_failure = true;
  options_.workers = 2;
  program_.run = [](int id, size_t, int64_t) {
    return id == 0 ? takes(1s, RunOutcome::failed) : takes(24h);
  };
  run_to_end();
  EXPECT_EQ(program_.notes("cancel"), Lines({"3000 W1 cancel"}));
  EXPECT_EQ(part().runs_failed.get(), 1u);
  EXPECT_EQ(part().runs_cancelled.get(), 1u);
}

// The earlier of the two: the stop came late in the duration.
TEST_F(StopTest, GraceAfterAStopDoesNotProlongTheOther) {
  options_.grace_after_duration = 0s;
  options_.grace_after_stop = 10s;
  options_.duration = 5s;
  program_.run = [](int, size_t, int64_t) { return takes(24h); };
  start();
  loop_.advance(4s);
  request_stop(StopLevel::graceful);
  run_to_end();
  EXPECT_EQ(elapsed_ms(), 5000);
}

TEST_F(StopTest, GraceLeavesTeardownsAlone) {
  options_.grace_after_stop = 1s;
  program_.teardown = [](int) { return takes(5s); };
  program_.run = [](int, size_t, int64_t) { return takes(500ms); };
  start();
  loop_.advance(100ms);
  request_stop(StopLevel::graceful);
  run_to_end();
  EXPECT_EQ(program_.notes("cancel"), Lines());
}

TEST_F(StopTest, MayBeDestroyedInTheMiddle) {
  options_.workers = 4;
  options_.ramp_up = 4s;
  options_.delay = 24h;
  options_.grace_after_duration = 0s;
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
