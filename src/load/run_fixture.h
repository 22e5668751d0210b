// The fixture of the tests of runs: one run of a FakeProgram on a virtual
// clock.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "io/sim_loop.h"
#include "load/fake_program.h"
#include "load/run.h"

namespace molotov::load {

constexpr auto kEver = std::chrono::hours(48);
using Lines = std::vector<std::string>;

class RunTest : public testing::Test {
 protected:
  void start() {
    series_.emplace(board_->series(0));
    run_ = std::make_unique<load::Run>(loop_, options_, program_, *board_, 0,
                                       *series_, console_);
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
  void request_stop(metrics::StopLevel level) {
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
  std::optional<metrics::SeriesWriter> series_;
  std::unique_ptr<load::Run> run_;
};

}  // namespace molotov::load
