// A program of C++ lambdas for tests of load on a SimLoop: what each step of
// each worker does, and a log of what was called when.
#pragma once

#include <fmt/format.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "io/sim_loop.h"
#include "load/scenario.h"

namespace molotov::load {

// What a step does: it takes that long, or ends before it has returned.
struct Plan {
  RunOutcome outcome = RunOutcome::succeeded;
  std::optional<Duration> takes;
};

inline Plan takes(Duration span, RunOutcome how = RunOutcome::succeeded) {
  return {how, span};
}
inline Plan at_once(RunOutcome how = RunOutcome::succeeded) {
  return {how, std::nullopt};
}

class FakeProgram;

class FakeCode final : public WorkerCode, private io::Timer {
 public:
  FakeCode(FakeProgram& program, int id, WorkerEvents& events);
  ~FakeCode() override;

  void begin_setup() override;
  void begin_run(size_t scenario, int64_t step,
                 std::optional<Instant> intended) override;
  void begin_teardown() override;
  void cancel() override;

 private:
  enum class Step { none, setup, run, teardown };
  void begin(Step step, Plan plan);
  void end(RunOutcome outcome, bool suspended);
  void on_timer() override { end(plan_.outcome, true); }

  FakeProgram& program_;
  WorkerEvents& events_;
  int id_;
  Step step_ = Step::none;
  Plan plan_;
};

class FakeProgram final : public Program {
 public:
  explicit FakeProgram(io::Loop& loop,
                       std::vector<ScenarioInfo> scenarios = {{"only", 1,
                                                               Duration(0)}})
      : loop(loop), scenarios_(std::move(scenarios)), began(loop.now()) {}

  const std::vector<ScenarioInfo>& scenarios() const override {
    return scenarios_;
  }
  std::unique_ptr<WorkerCode> make_worker(int id,
                                          WorkerEvents& events) override {
    return std::make_unique<FakeCode>(*this, id, events);
  }
  double random() override { return draw(); }
  bool has_picker() const override { return bool(picker); }
  size_t pick(int id, int64_t step) override { return picker(id, step); }

  // "W0 setup", with the milliseconds since the program was made.
  void note(int id, std::string_view what) {
    const auto since = std::chrono::duration_cast<std::chrono::milliseconds>(
        loop.now() - began);
    log.push_back(fmt::format("{} W{} {}", since.count(), id, what));
  }
  // The notes that have this in them.
  std::vector<std::string> notes(std::string_view what) const {
    std::vector<std::string> found;
    for (const std::string& line : log)
      if (line.find(what) != line.npos) found.push_back(line);
    return found;
  }

  io::Loop& loop;
  std::function<Plan(int id)> setup = [](int) { return at_once(); };
  std::function<Plan(int id, size_t scenario, int64_t step)> run =
      [](int, size_t, int64_t) { return at_once(); };
  std::function<Plan(int id)> teardown = [](int) { return at_once(); };
  std::function<double()> draw = [] { return 0.0; };
  std::function<size_t(int id, int64_t step)> picker;
  bool says_suspended = false;  // also of what ended at once
  bool logs_runs = true;
  std::vector<std::string> log;
  std::vector<std::optional<Instant>> intended;  // of each run
  int codes = 0;                                 // alive

 private:
  std::vector<ScenarioInfo> scenarios_;
  Instant began;
};

inline FakeCode::FakeCode(FakeProgram& program, int id, WorkerEvents& events)
    : program_(program), events_(events), id_(id) {
  program_.codes++;
}

inline FakeCode::~FakeCode() {
  program_.codes--;
}

inline void FakeCode::begin_setup() {
  program_.note(id_, "setup");
  begin(Step::setup, program_.setup(id_));
}

inline void FakeCode::begin_run(size_t scenario, int64_t step,
                                std::optional<Instant> intended) {
  program_.intended.push_back(intended);
  if (program_.logs_runs)
    program_.note(id_, fmt::format("run {} {}", step,
                                   program_.scenarios()[scenario].name));
  begin(Step::run, program_.run(id_, scenario, step));
}

inline void FakeCode::begin_teardown() {
  program_.note(id_, "teardown");
  begin(Step::teardown, program_.teardown(id_));
}

inline void FakeCode::cancel() {
  program_.note(id_, "cancel");
  program_.loop.disarm(*this);
  end(RunOutcome::cancelled, true);
}

inline void FakeCode::begin(Step step, Plan plan) {
  CHECK(step_ == Step::none);
  step_ = step;
  plan_ = plan;
  if (plan.takes)
    program_.loop.arm_after(*this, *plan.takes);
  else
    end(plan.outcome, program_.says_suspended);
}

inline void FakeCode::end(RunOutcome outcome, bool suspended) {
  const bool ok = outcome == RunOutcome::succeeded;
  switch (std::exchange(step_, Step::none)) {
    case Step::setup:
      return events_.on_setup_done(ok);
    case Step::run:
      return events_.on_run_done(outcome, suspended);
    case Step::teardown:
      return events_.on_teardown_done(ok);
    case Step::none:
      CHECK(false);  // nothing was under way
  }
}

class FakeConsole final : public Console {
 public:
  void print(std::string_view line) override { lines.emplace_back(line); }
  std::vector<std::string> lines;
};

}  // namespace molotov::load
