// Runs that begin at a rate, on a virtual clock.
#include "load/open_model.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <set>
#include <vector>

#include "load/run_fixture.h"

namespace molotov::load {
namespace {

class OpenModelTest : public RunTest {
 protected:
  OpenModelTest() {
    board_ = std::move(*metrics::Board::create(1));
    options_.workers = 10'000;
  }
  metrics::Histogram start_delays() {
    metrics::Histogram delays;
    part().start_delay.add_to(delays);
    return delays;
  }
  // When each run was to begin, in milliseconds from the first turn.
  std::vector<int64_t> intended_ms() {
    std::vector<int64_t> times;
    for (const auto& at : program_.intended)
      times.push_back((*at - began_) / std::chrono::milliseconds(1));
    return times;
  }
};

using Times = std::vector<int64_t>;

TEST_F(OpenModelTest, RunsBeginHoweverLongTheyTake) {
  options_.rate = 4;
  options_.duration = 1s;
  program_.run = [](int, size_t, int64_t) { return takes(5s); };
  run_to_end();
  EXPECT_EQ(program_.notes("run"),
            Lines({"0 W0 run 1 only", "250 W1 run 1 only", "500 W2 run 1 only",
                   "750 W3 run 1 only"}));
  EXPECT_EQ(program_.notes("teardown"),
            Lines({"5000 W0 teardown", "5250 W1 teardown", "5500 W2 teardown",
                   "5750 W3 teardown"}));
  EXPECT_EQ(part().workers_started.get(), 4u);
  EXPECT_EQ(part().runs_succeeded.get(), 4u);
  EXPECT_EQ(part().starts.get(), 4u);
  EXPECT_EQ(part().late_starts.get(), 0u);
  EXPECT_EQ(part().starts_missed.get(), 0u);
}

TEST_F(OpenModelTest, LastsAsLongAsItsDurationSays) {
  options_.rate = 1;
  options_.duration = 10s;
  run_to_end();
  EXPECT_EQ(part().runs_succeeded.get(), 10u);
  EXPECT_EQ(elapsed_ms(), 10'000);
  EXPECT_EQ(part().ends_at_ns.get(),
            static_cast<uint64_t>((began_ + 10s).time_since_epoch().count()));
}

TEST_F(OpenModelTest, WorkersAreKeptAndTheLastUsedIsUsedFirst) {
  options_.rate = 10;
  options_.duration = 1s;
  // The third run takes longer, so a second worker is made, and then rests.
  program_.run = [](int id, size_t, int64_t step) {
    return takes(id == 0 && step == 3 ? Duration(120ms) : Duration(10ms));
  };
  run_to_end();
  const Lines runs = program_.notes("run");
  ASSERT_EQ(runs.size(), 10u);
  EXPECT_EQ(runs[2], "200 W0 run 3 only");
  EXPECT_EQ(runs[3], "300 W1 run 1 only");
  EXPECT_EQ(runs[4], "400 W0 run 4 only");  // it was free after the other
  EXPECT_EQ(runs[9], "900 W0 run 9 only");
  EXPECT_EQ(part().workers_started.get(), 2u);
}

TEST_F(OpenModelTest, ALateRunKeepsTheTimeThatItWasToBeginAt) {
  options_.workers = 1;
  options_.rate = 10;
  options_.duration = 1s;
  program_.run = [](int, size_t, int64_t) { return takes(240ms); };
  run_to_end();
  EXPECT_EQ(program_.notes("run"),
            Lines({"0 W0 run 1 only", "240 W0 run 2 only", "480 W0 run 3 only",
                   "720 W0 run 4 only", "960 W0 run 5 only"}));
  EXPECT_EQ(intended_ms(), Times({0, 100, 200, 300, 400}));
  EXPECT_EQ(part().starts.get(), 5u);
  EXPECT_EQ(part().late_starts.get(), 4u);
  EXPECT_EQ(part().cap_reached.get(), 9u);
  EXPECT_EQ(part().starts_missed.get(), 5u);
  EXPECT_EQ(start_delays().max(), 560ms);
}

TEST_F(OpenModelTest, ASlowSetupDelaysNobodyElse) {
  options_.rate = 10;
  options_.duration = 1s;
  options_.max_runs = 3;
  program_.setup = [](int id) { return id == 0 ? at_once() : takes(30s); };
  program_.run = [](int, size_t, int64_t) { return takes(130ms); };
  run_to_end();
  // A second worker is on its way when the first one is free again.
  EXPECT_EQ(program_.notes("setup"), Lines({"0 W0 setup", "100 W1 setup"}));
  EXPECT_EQ(
      program_.notes("run"),
      Lines({"0 W0 run 1 only", "130 W0 run 2 only", "260 W0 run 3 only"}));
}

TEST_F(OpenModelTest, ASlowSetupMakesItsOwnRunLate) {
  options_.rate = 1;
  options_.max_runs = 2;
  program_.setup = [](int) { return takes(300ms); };
  run_to_end();
  EXPECT_EQ(program_.notes("run"),
            Lines({"300 W0 run 1 only", "1000 W0 run 2 only"}));
  EXPECT_EQ(intended_ms(), Times({0, 1000}));
  EXPECT_EQ(part().late_starts.get(), 1u);
}

TEST_F(OpenModelTest, WhatWasDueBeforeTheEndBeginsBehindIt) {
  options_.rate = 10;
  options_.duration = 1s;
  program_.setup = [](int) { return takes(150ms); };
  program_.run = [](int, size_t, int64_t) { return takes(5s); };
  run_to_end();
  EXPECT_EQ(part().runs_succeeded.get(), 10u);
  EXPECT_EQ(part().starts_missed.get(), 0u);
  EXPECT_EQ(program_.notes("run").back(), "1050 W9 run 1 only");
}

TEST_F(OpenModelTest, UnlessNoGraceIsLeft) {
  options_.rate = 10;
  options_.duration = 1s;
  program_.setup = [](int) { return takes(250ms); };
  program_.run = [](int, size_t, int64_t) { return takes(5s); };
  options_.grace_after_duration = 100ms;
  run_to_end();
  EXPECT_EQ(part().starts.get(), 9u);  // the last one of them at 1,050 ms
  EXPECT_EQ(part().starts_missed.get(), 1u);
  EXPECT_EQ(part().runs_cancelled.get(), 9u);
  EXPECT_EQ(elapsed_ms(), 1100);
}

TEST_F(OpenModelTest, AWorkerThatSleepsIsNotFree) {
  options_.rate = 10;
  options_.max_runs = 3;
  options_.delay = 150ms;
  run_to_end();
  EXPECT_EQ(
      program_.notes("run"),
      Lines({"0 W0 run 1 only", "100 W1 run 1 only", "200 W0 run 2 only"}));
}

TEST_F(OpenModelTest, WhoDiesIsReplaced) {
  options_.rate = 10;
  options_.max_runs = 4;
  program_.run = [](int, size_t, int64_t) { return at_once(RunOutcome::died); };
  run_to_end();
  EXPECT_EQ(part().workers_died.get(), 4u);
  EXPECT_EQ(part().workers_started.get(), 4u);
  EXPECT_EQ(program_.notes("setup"), Lines({"0 W0 setup", "100 W0 setup",
                                            "200 W0 setup", "300 W0 setup"}));
}

TEST_F(OpenModelTest, WhoDiesIsReplacedWhereOthersWait) {
  options_.rate = 10;
  options_.workers = 1;
  options_.max_runs = 3;
  program_.run = [](int, size_t, int64_t) {
    return takes(250ms, RunOutcome::died);
  };
  run_to_end();
  EXPECT_EQ(
      program_.notes("run"),
      Lines({"0 W0 run 1 only", "250 W0 run 1 only", "500 W0 run 1 only"}));
}

TEST_F(OpenModelTest, EndsWhenAllHaveBegunThatWereAskedFor) {
  options_.rate = 100;
  options_.max_runs = 7;
  run_to_end();
  EXPECT_EQ(part().runs_succeeded.get(), 7u);
  EXPECT_EQ(elapsed_ms(), 60);
}

TEST_F(OpenModelTest, NoRunsAtAll) {
  options_.rate = 100;
  options_.max_runs = -1;
  run_to_end();
  EXPECT_EQ(part().starts.get(), 0u);
  EXPECT_EQ(elapsed_ms(), 0);
}

TEST_F(OpenModelTest, TheRateRisesThroughTheRampUp) {
  options_.rate = 100;
  options_.ramp_up = 4s;
  options_.duration = 10s;
  run_to_end();
  EXPECT_EQ(part().runs_succeeded.get(), 200u + 600u);
  const Times times = intended_ms();
  EXPECT_EQ(std::ranges::count_if(times, [](int64_t t) { return t < 2000; }),
            50);
}

TEST_F(OpenModelTest, ARampUpThatIsLongerThanTheLoad) {
  options_.rate = 100;
  options_.ramp_up = 20s;
  options_.duration = 10s;
  run_to_end();
  EXPECT_EQ(part().runs_succeeded.get(), 250u);
}

TEST_F(OpenModelTest, StagesOfRates) {
  options_.stages = *parse_stages("10s:20/s,5s:20/s,10s:0");
  run_to_end();
  EXPECT_EQ(part().runs_succeeded.get(), 100u + 100u + 100u);
  EXPECT_EQ(elapsed_ms(), 25'000);
}

TEST_F(OpenModelTest, TenThousandASecondAreExact) {
  options_.rate = 10'000;
  options_.duration = 10s;
  program_.logs_runs = false;
  program_.run = [](int, size_t, int64_t) { return takes(1200us); };
  run_to_end();
  EXPECT_EQ(part().runs_succeeded.get(), 100'000u);
  EXPECT_EQ(part().starts.get(), 100'000u);
  EXPECT_EQ(start_delays().count(), 100'000u);
  EXPECT_LE(start_delays().max(), 1us);  // which stands for less
  EXPECT_LE(part().workers_started.get(), 14u);
  for (size_t i = 0; i < program_.intended.size(); i++)
    ASSERT_EQ(*program_.intended[i] - began_, i * 100us);
}

TEST_F(OpenModelTest, AStopLetsRunsFinishAndBeginsNone) {
  options_.rate = 10;
  program_.run = [](int, size_t, int64_t) { return takes(1s); };
  start();
  loop_.advance(250ms);
  request_stop(metrics::StopLevel::graceful);
  run_to_end();
  EXPECT_EQ(part().runs_succeeded.get(), 3u);
  EXPECT_EQ(elapsed_ms(), 1200);
}

TEST_F(OpenModelTest, AStopCancels) {
  options_.rate = 10;
  program_.run = [](int, size_t, int64_t) { return takes(1s); };
  start();
  loop_.advance(250ms);
  request_stop(metrics::StopLevel::cancel);
  run_to_end();
  EXPECT_EQ(part().runs_cancelled.get(), 3u);
  EXPECT_EQ(elapsed_ms(), 250);
}

TEST_F(OpenModelTest, AStopBeforeItBegins) {
  options_.rate = 10;
  board_->request_stop(metrics::StopLevel::graceful);
  start();
  run_->check_stop();
  run_to_end();
  EXPECT_EQ(part().workers_started.get(), 0u);
}

TEST_F(OpenModelTest, TheFirstFailureStopsItAll) {
  options_.rate = 1000;
  options_.stop_on_failure = true;
  options_.workers = 5;
  program_.run = [](int, size_t, int64_t step) {
    return at_once(step == 3 ? RunOutcome::failed : RunOutcome::succeeded);
  };
  run_to_end();
  EXPECT_EQ(part().runs_failed.get(), 1u);
  EXPECT_EQ(board_->stop_level(), metrics::StopLevel::graceful);
}

TEST_F(OpenModelTest, GraceBoundsWhatIsInProgressAtTheEnd) {
  options_.rate = 4;
  options_.duration = 1s;
  options_.grace_after_duration = 500ms;
  program_.run = [](int, size_t, int64_t) { return takes(1250ms); };
  run_to_end();
  EXPECT_EQ(part().runs_succeeded.get(), 1u);
  EXPECT_EQ(part().runs_cancelled.get(), 3u);
  EXPECT_EQ(elapsed_ms(), 1500);
}

TEST_F(OpenModelTest, TheWarmUpComesBeforeTheDuration) {
  options_.rate = 10;
  options_.warm_up = 2s;
  options_.duration = 3s;
  program_.run = [](int, size_t, int64_t step) {
    return at_once(step % 5 == 0 ? RunOutcome::failed : RunOutcome::succeeded);
  };
  run_to_end();
  EXPECT_EQ(part().warmup_succeeded.get(), 16u);
  EXPECT_EQ(part().warmup_failed.get(), 4u);
  EXPECT_EQ(part().runs_succeeded.get(), 24u);
  EXPECT_EQ(part().runs_failed.get(), 6u);
  EXPECT_EQ(part().starts.get(), 30u);
  EXPECT_EQ(run_->tallies()[0].succeeded, 24u);
  EXPECT_EQ(run_->tallies()[0].failed, 6u);
  EXPECT_EQ(part().measure_from_ns.get(),
            static_cast<uint64_t>((began_ + 2s).time_since_epoch().count()));
}

TEST_F(OpenModelTest, ARunBelongsToTheWarmUpByWhenItWasToBegin) {
  options_.workers = 1;
  options_.rate = 10;
  options_.warm_up = 1s;
  options_.max_runs = 2;
  program_.run = [](int, size_t, int64_t) { return takes(150ms); };
  run_to_end();
  EXPECT_EQ(part().warmup_succeeded.get(), 10u);
  EXPECT_EQ(part().runs_succeeded.get(), 2u);
  EXPECT_EQ(elapsed_ms(), 1800);
}

// Two processes on one clock.
class TwoProcesses : public testing::Test {
 protected:
  void run(const RunOptions& options) {
    for (size_t i = 0; i < 2; i++) {
      series_[i].emplace(board_->series(i));
      runs_[i] = std::make_unique<load::Run>(loop_, options, programs_[i],
                                             *board_, i, *series_[i], console_);
      runs_[i]->start();
      // The second one comes later.
      if (i == 0) loop_.advance(20ms);
    }
    const Instant end = loop_.now() + kEver;
    while (!(runs_[0]->done() && runs_[1]->done()) && loop_.now() < end)
      loop_.turn(kEver);
  }
  uint64_t runs() { return metrics::totals(*board_).runs_succeeded; }
  // When all runs were to begin, from the first one on.
  std::vector<Duration> intended() {
    std::vector<Instant> all;
    for (const FakeProgram& program : programs_)
      for (const auto& at : program.intended) all.push_back(*at);
    std::ranges::sort(all);
    std::vector<Duration> since;
    for (const Instant at : all) since.push_back(at - all.front());
    return since;
  }

  io::SimLoop loop_;
  FakeProgram programs_[2] = {FakeProgram(loop_), FakeProgram(loop_)};
  FakeConsole console_;
  std::unique_ptr<metrics::Board> board_ =
      std::move(*metrics::Board::create(2));
  std::optional<metrics::SeriesWriter> series_[2];
  std::unique_ptr<load::Run> runs_[2];
};

TEST_F(TwoProcesses, ShareARateExactly) {
  run({.workers = 100, .duration = 3s, .rate = 333});
  EXPECT_EQ(runs(), 999u);
  EXPECT_EQ(programs_[0].intended.size(), 500u);
  const auto times = intended();
  for (size_t i = 0; i < times.size(); i++)
    ASSERT_NEAR(static_cast<double>(times[i].count()),
                static_cast<double>(i) * 1e9 / 333, 1);
  EXPECT_EQ(metrics::totals(*board_).late_starts, 0u);
}

TEST_F(TwoProcesses, ShareTheRunsOfABound) {
  for (int64_t most : {1, 2, 7, 100}) {
    SCOPED_TRACE(most);
    board_ = std::move(*metrics::Board::create(2));
    run({.workers = 100, .max_runs = most, .rate = 50});
    EXPECT_EQ(runs(), static_cast<uint64_t>(most));
  }
}

TEST_F(TwoProcesses, ShareABoundBehindAWarmUp) {
  run({.workers = 100, .max_runs = 5, .warm_up = 1s, .rate = 7});
  EXPECT_EQ(runs(), 5u);
  EXPECT_EQ(metrics::totals(*board_).warmup_succeeded, 7u);
}

TEST_F(TwoProcesses, EachHasItsOwnPoissonArrivals) {
  run({.workers = 100,
       .duration = 50s,
       .rate = 100,
       .arrival = Arrival::poisson,
       .seed = 1});
  EXPECT_NEAR(static_cast<double>(runs()), 5000, 300);
  std::set<Instant> first, both;
  for (const auto& at : programs_[0].intended) first.insert(*at);
  for (const auto& at : programs_[1].intended)
    if (first.contains(*at)) both.insert(*at);
  EXPECT_TRUE(both.empty());
}

TEST_F(TwoProcesses, OneBeginsWithoutTheOtherWhereThatHasEnded) {
  board_->part(1).exited.set(1);
  load::RunOptions options{.workers = 100, .max_runs = 4, .rate = 50};
  metrics::SeriesWriter series(board_->series(0));
  load::Run alone(loop_, options, programs_[0], *board_, 0, series, console_);
  alone.start();
  const Instant end = loop_.now() + 1s;
  while (!alone.done() && loop_.now() < end) loop_.turn(1s);
  EXPECT_TRUE(alone.done());
  EXPECT_EQ(runs(), 2u);
}

// A process that comes late has many runs due at once.
TEST_F(TwoProcesses, WhatIsDueAtOnceBeginsAtOnce) {
  const Instant past = loop_.now() - 1s;
  board_->shared().begins_at_ns =
      static_cast<uint64_t>(past.time_since_epoch().count());
  load::RunOptions options{.workers = 10'000, .max_runs = 1000, .rate = 1000};
  for (FakeProgram& program : programs_)
    program.run = [](int, size_t, int64_t) { return takes(10s); };
  metrics::SeriesWriter series(board_->series(0));
  load::Run late(loop_, options, programs_[0], *board_, 0, series, console_);
  late.start();
  loop_.advance(0ns);
  EXPECT_EQ(programs_[0].intended.size(), 500u);
  EXPECT_EQ(*programs_[0].intended.front(), past);
  EXPECT_EQ(board_->part(0).late_starts.get(), 500u);
  const Instant end = loop_.now() + kEver;
  while (!late.done() && loop_.now() < end) loop_.turn(kEver);
  EXPECT_EQ(runs(), 500u);
}

}  // namespace
}  // namespace molotov::load
