// Numbers of workers that change, on a virtual clock.
#include "load/staged_model.h"

#include <gtest/gtest.h>

#include "load/run_fixture.h"

namespace molotov::load {
namespace {

class StagedModelTest : public RunTest {
 protected:
  StagedModelTest() {
    program_.logs_runs = false;
    program_.run = [](int, size_t, int64_t) { return takes(100ms); };
  }
};

TEST_F(StagedModelTest, WorkersComeAndGo) {
  options_.stages = *parse_stages("4s:2,1s:2,4s:0");
  program_.run = [](int, size_t, int64_t) { return takes(70ms); };
  run_to_end();
  // One of both leaves when half of the fall is over, behind its run.
  EXPECT_EQ(program_.log, Lines({"0 W0 setup", "2000 W1 setup",
                                 "7040 W1 teardown", "9030 W0 teardown"}));
  EXPECT_EQ(part().workers_started.get(), 2u);
  EXPECT_EQ(part().runs_succeeded.get(), 129u + 72u);
  EXPECT_EQ(part().ends_at_ns.get(),
            static_cast<uint64_t>((began_ + 9s).time_since_epoch().count()));
}

TEST_F(StagedModelTest, WhoIsTooManyFinishesItsRun) {
  options_.stages = *parse_stages("0s:2,1s:2,0s:1,1s:1");
  program_.run = [](int, size_t, int64_t) { return takes(700ms); };
  run_to_end();
  EXPECT_EQ(program_.notes("teardown"),
            Lines({"1400 W1 teardown", "2100 W0 teardown"}));
}

TEST_F(StagedModelTest, WhoSleepsEndsAtOnce) {
  options_.stages = *parse_stages("0s:2,1s:2,0s:1,1s:1");
  options_.delay = 1h;
  run_to_end();
  EXPECT_EQ(program_.notes("teardown"),
            Lines({"1000 W1 teardown", "2000 W0 teardown"}));
}

TEST_F(StagedModelTest, OthersBeginInTheirPlace) {
  options_.stages = *parse_stages("0s:1,1s:1,0s:0,1s:0,0s:1,1s:1");
  run_to_end();
  EXPECT_EQ(program_.log, Lines({"0 W0 setup", "1000 W0 teardown",
                                 "2000 W0 setup", "3000 W0 teardown"}));
  EXPECT_EQ(part().workers_started.get(), 2u);
}

TEST_F(StagedModelTest, WhoIsWantedAgainInTimeGoesOn) {
  options_.stages = *parse_stages("0s:1,1s:1,0s:0,1s:0,0s:1,1s:1");
  program_.run = [](int, size_t, int64_t) { return takes(2500ms); };
  run_to_end();
  EXPECT_EQ(program_.log, Lines({"0 W0 setup", "5000 W0 teardown"}));
}

TEST_F(StagedModelTest, WhoIsWantedAgainWhileLeavingIsReplaced) {
  options_.stages = *parse_stages("0s:1,1s:1,0s:0,1s:0,0s:1,3s:1");
  program_.teardown = [](int) { return takes(1500ms); };
  run_to_end();
  EXPECT_EQ(program_.log, Lines({"0 W0 setup", "1000 W0 teardown",
                                 "2500 W0 setup", "5000 W0 teardown"}));
}

TEST_F(StagedModelTest, TheirBeginningIsTheWarmUp) {
  options_.stages = *parse_stages("0s:1,5s:1");
  options_.warm_up = 2s;
  run_to_end();
  EXPECT_EQ(part().warmup_succeeded.get(), 20u);
  EXPECT_EQ(part().runs_succeeded.get(), 30u);
}

TEST_F(StagedModelTest, MaxRunsIsEachWorkers) {
  options_.stages = *parse_stages("0s:3,5s:3");
  options_.max_runs = 2;
  run_to_end();
  EXPECT_EQ(part().runs_succeeded.get(), 6u);
}

TEST_F(StagedModelTest, AStopEndsThemAll) {
  options_.stages = *parse_stages("10s:10,10s:0");
  start();
  loop_.advance(3500ms);
  request_stop(metrics::StopLevel::graceful);
  run_to_end();
  EXPECT_EQ(part().workers_started.get(), 4u);
  EXPECT_LE(elapsed_ms(), 3600);
}

TEST_F(StagedModelTest, AStopBeforeItBegins) {
  options_.stages = *parse_stages("10s:10");
  board_->request_stop(metrics::StopLevel::graceful);
  start();
  run_->check_stop();
  run_to_end();
  EXPECT_EQ(part().workers_started.get(), 0u);
}

}  // namespace
}  // namespace molotov::load
