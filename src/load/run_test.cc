// Workers on a virtual clock: when each step begins, what bounds it, and what
// is counted and said.
#include "load/run.h"

#include <gtest/gtest.h>

#include <memory>
#include <utility>
#include <vector>

#include "load/run_fixture.h"

namespace molotov::load {
namespace {

TEST_F(RunTest, OneWorkerLivesFromSetupToTeardown) {
  options_.max_runs = 2;
  run_to_end();
  EXPECT_EQ(program_.log, Lines({"0 W0 setup", "0 W0 run 1 only",
                                 "0 W0 run 2 only", "0 W0 teardown"}));
  EXPECT_EQ(part().workers_started.get(), 1u);
  EXPECT_EQ(part().runs_succeeded.get(), 2u);
  EXPECT_EQ(console_.lines, Lines());
}

TEST_F(RunTest, SaysWhenTheDurationOfTheLastIsOver) {
  options_.workers = 4;
  options_.ramp_up = 4s;
  options_.duration = 10s;
  options_.max_runs = 1;
  run_to_end();
  const Instant end = began_ + 13s;
  EXPECT_EQ(part().ends_at_ns.get(),
            static_cast<uint64_t>(end.time_since_epoch().count()));
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

TEST_F(RunTest, SingleRunRunsEachScenarioOnceInOrder) {
  set_scenarios({{"b"}, {"c"}, {"a"}});
  options_.single_run = true;
  options_.workers = 2;
  program_.run = [](int id, size_t, int64_t) { return takes(id ? 3ms : 2ms); };
  run_to_end();
  EXPECT_EQ(program_.notes("W0 run"),
            Lines({"0 W0 run 1 b", "2 W0 run 2 c", "4 W0 run 3 a"}));
  EXPECT_EQ(program_.notes("W1 run"),
            Lines({"0 W1 run 1 b", "3 W1 run 2 c", "6 W1 run 3 a"}));
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

TEST_F(RunTest, TheWarmUpComesBeforeTheDuration) {
  options_.workers = 2;
  options_.warm_up = 1s;
  options_.duration = 2s;
  options_.stop_on_failure = true;  // not there
  program_.run = [](int, size_t, int64_t step) {
    return takes(100ms, step == 3 ? RunOutcome::failed : RunOutcome::succeeded);
  };
  run_to_end();
  EXPECT_EQ(part().warmup_succeeded.get(), 18u);
  EXPECT_EQ(part().warmup_failed.get(), 2u);
  EXPECT_EQ(part().runs_succeeded.get(), 40u);
  EXPECT_EQ(part().runs_failed.get(), 0u);
  EXPECT_EQ(run_->tallies()[0].succeeded, 40u);
  EXPECT_EQ(elapsed_ms(), 3000);
  EXPECT_EQ(part().measure_from_ns.get(),
            static_cast<uint64_t>((began_ + 1s).time_since_epoch().count()));
}

TEST_F(RunTest, MaxRunsAreThoseBehindTheWarmUp) {
  options_.warm_up = 1s;
  options_.max_runs = 3;
  program_.run = [](int, size_t, int64_t) { return takes(100ms); };
  run_to_end();
  EXPECT_EQ(part().warmup_succeeded.get(), 10u);
  EXPECT_EQ(part().runs_succeeded.get(), 3u);
}

TEST_F(RunTest, NoScheduleSaysWhenARunIsToBegin) {
  options_.max_runs = 1;
  run_to_end();
  EXPECT_EQ(program_.intended, std::vector{std::optional<Instant>()});
  EXPECT_EQ(part().measure_from_ns.get(), 0u);
}

TEST_F(RunTest, ScenariosHaveTheirOwnCountsAndDurations) {
  set_scenarios({{"quick", 1, 0ns}, {"slow", 1, 0ns}, {"never", 1, 0ns}});
  options_.max_runs = 4;
  options_.delay = 1s;
  program_.picker = [](int, int64_t step) { return step == 2 ? 1u : 0u; };
  program_.run = [](int, size_t scenario, int64_t step) {
    if (scenario == 1) return takes(2s, RunOutcome::failed);
    return step == 4 ? takes(1h, RunOutcome::cancelled) : takes(10ms);
  };
  run_to_end();
  using metrics::Figure;
  using metrics::SeriesKind;
  using metrics::SeriesRow;
  // In the order of the script, though one never ran.
  const metrics::SeriesTable table = board_->series(0);
  ASSERT_EQ(table.used(), 3u);
  const auto name_of = [&](size_t index) {
    return std::string(table.row(index).name.data());
  };
  EXPECT_EQ(name_of(0), "quick");
  EXPECT_EQ(name_of(2), "never");
  const SeriesRow& quick = series_->find(SeriesKind::scenario, "quick");
  const SeriesRow& slow = series_->find(SeriesKind::scenario, "slow");
  const auto get = [](const SeriesRow& row, Figure figure) {
    return row.figures[static_cast<size_t>(figure)].get();
  };
  EXPECT_EQ(get(quick, Figure::succeeded), 2u);
  EXPECT_EQ(get(quick, Figure::cancelled), 1u);
  EXPECT_EQ(get(slow, Figure::failed), 1u);
  // What was cut off has no duration, nor has the pause.
  constexpr auto kDuration = static_cast<size_t>(metrics::Measure::duration);
  EXPECT_EQ(quick.exact[kDuration].sum_ns.get(), 20'000'000u);
  EXPECT_EQ(slow.exact[kDuration].sum_ns.get(), 2'000'000'000u);
}

}  // namespace
}  // namespace molotov::load
