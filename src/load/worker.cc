#include "load/worker.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <string_view>
#include <utility>

#include "base/check.h"
#include "load/model.h"

namespace molotov::load {

using metrics::Figure;
using metrics::StopLevel;

namespace {

static_assert(sizeof(Worker) <= 192, "there are ten thousands of them");

constexpr int64_t kRunsPerLine = 10;
constexpr std::string_view kNotPicked = "Could not pick a scenario";

}  // namespace

// Calls into the code. What it answers before it returns is dealt with in this
// worker's next turn, so that its code is not called from inside its own call.
template <typename Call>
void Worker::call(Call begin) {
  const bool before = std::exchange(calling_, true);
  begin(*code_);
  calling_ = before;
}

void Worker::say(const char* what) const {
  if (crew_.verbose) crew_.console.print(fmt::format("[W:{}] {}", id_, what));
}

void Worker::announce() {
  say("Starting");
}

void Worker::start_at(Instant slot) {
  if (phase_ != Phase::waiting) return;  // stopped before
  if (crew_.stopping()) return finish();
  if (slot > crew_.loop.now())
    crew_.loop.arm(*this, slot);
  else
    crew_.loop.post(*this);
}

void Worker::on_turn() {
  switch (phase_) {
    case Phase::waiting:
      return begin();
    case Phase::between:
      return advance();
    case Phase::ending:
      return finish();
    default:
      CHECK(false);  // no other phase is queued
  }
}

void Worker::on_timer() {
  if (phase_ == Phase::waiting) return begin();
  CHECK(phase_ == Phase::sleeping);
  advance();
}

// From here on it is a worker that was started, and its teardown will run.
void Worker::begin() {
  if (crew_.stopping()) return finish();
  crew_.part.workers_started.add();
  crew_.part.workers_running.add();
  started_ = crew_.loop.now();
  const auto grace = crew_.options.grace_after_duration;
  if (grace) limit(crew_.model->end_of(started_) + *grace);
  code_ = crew_.program.make_worker(id_, *this);
  phase_ = Phase::setting_up;
  call([](WorkerCode& code) { code.begin_setup(); });
}

void Worker::on_setup_done(bool ok) {
  CHECK(phase_ == Phase::setting_up);
  phase_ = Phase::between;
  crew_.loop.post(*this);
  if (ok) return say("Running scenarios");
  verdict_ = Verdict::end_silently;
  if (!cut_off_) crew_.run.stop_all_after_failure();
}

size_t Worker::choose() {
  if (crew_.options.single_mode != kNoScenario)
    return crew_.options.single_mode;
  if (crew_.options.single_run) return static_cast<size_t>(step_ - 1);
  if (crew_.has_picker) return crew_.program.pick(id_, step_);
  return crew_.picker.pick(crew_.random ? crew_.model->draw(*this)
                                        : crew_.program.random());
}

// To the next run, or the end.
void Worker::advance() {
  phase_ = Phase::between;
  if (verdict_ != Verdict::go_on || crew_.stopping()) return leave();
  crew_.model->on_free(*this);
}

void Worker::run(Instant intended, bool scheduled) {
  phase_ = Phase::between;
  intended_ = intended;
  const size_t scenario = choose();
  if (scenario == kPickerFailed) {
    count(RunOutcome::died);
    return leave();
  }
  if (scenario == kNoScenario) return could_not_pick();
  CHECK(scenario < crew_.scenarios.size());
  scenario_ = scenario;
  phase_ = Phase::running;
  cut_off_ = false;
  const auto when = scheduled ? std::optional(intended) : std::nullopt;
  run_began_ = when.value_or(crew_.loop.exact_now());
  call([&](WorkerCode& code) { code.begin_run(scenario_, step_, when); });
}

void Worker::could_not_pick() {
  static const uint64_t kind = std::hash<std::string_view>()(kNotPicked) | 1;
  const uint64_t before = crew_.board.count_failure(kind, kNotPicked);
  if (!crew_.options.quiet && before < metrics::kFailuresShown) {
    crew_.console.print(fmt::format("[W:{}] {}", id_, kNotPicked));
    crew_.console.print(fmt::format("ValueError('{}')", kNotPicked));
    crew_.console.print("");
  }
  count(RunOutcome::failed);
  after_run(crew_.options.delay, false);
}

void Worker::on_run_done(RunOutcome outcome, bool suspended) {
  CHECK(phase_ == Phase::running);
  phase_ = Phase::between;
  count(outcome);
  if (!in_warm_up()) count_for_scenario(outcome);
  Duration pause = std::max(crew_.options.delay, Duration(0));
  if (outcome == RunOutcome::succeeded)
    pause += std::max(crew_.scenarios[scenario_].delay, Duration(0));
  after_run(pause, suspended);
}

// How long a run took says something of the service only where nobody cut it
// off.
void Worker::count_for_scenario(RunOutcome outcome) {
  metrics::SeriesRow& row = *crew_.rows[scenario_];
  if (outcome == RunOutcome::cancelled) row.add(Figure::cancelled);
  const bool succeeded = outcome == RunOutcome::succeeded;
  if (!succeeded && outcome != RunOutcome::failed) return;
  Tally& tally = crew_.tallies[scenario_];
  (succeeded ? tally.succeeded : tally.failed)++;
  row.add(succeeded ? Figure::succeeded : Figure::failed);
  row.record(metrics::Measure::duration, crew_.loop.exact_now() - run_began_);
}

void Worker::count(RunOutcome outcome) {
  metrics::ProcessPart& part = crew_.part;
  const bool warm_up = in_warm_up();
  switch (outcome) {
    case RunOutcome::succeeded:
      (warm_up ? part.warmup_succeeded : part.runs_succeeded).add();
      break;
    case RunOutcome::failed:
      (warm_up ? part.warmup_failed : part.runs_failed).add();
      if (crew_.options.stop_on_failure && !warm_up)
        crew_.run.stop_all_after_failure();
      break;
    case RunOutcome::cancelled:
      (warm_up ? part.warmup_cancelled : part.runs_cancelled).add();
      break;
    case RunOutcome::died:
      part.workers_died.add();
      verdict_ = Verdict::end_silently;
      return;
    case RunOutcome::not_run:
      verdict_ = Verdict::end;
      if (!cut_off_) crew_.run.stop_all_after_failure();
      return;
  }
  if (crew_.verbose && step_ % kRunsPerLine == 0)
    crew_.console.print(fmt::format("[W:{}] Ran {} scenarios", id_, step_));
  step_++;
  if (warm_up) warm_up_runs_++;
}

void Worker::after_run(Duration pause, bool suspended) {
  const bool over = cut_off_ || verdict_ != Verdict::go_on || crew_.stopping();
  if (pause > Duration(0) && !over) {
    phase_ = Phase::sleeping;
    return crew_.loop.arm(*this, crew_.loop.exact_now() + pause);
  }
  // One that has waited for something has given the others their turn.
  if (suspended && !calling_) return advance();
  crew_.loop.post(*this);
}

void Worker::leave() {
  if (verdict_ != Verdict::end_silently) say("Done!");
  crew_.loop.disarm(deadline_);
  phase_ = Phase::tearing_down;
  cut_off_ = false;
  call([](WorkerCode& code) { code.begin_teardown(); });
}

void Worker::on_teardown_done(bool) {
  CHECK(phase_ == Phase::tearing_down);
  phase_ = Phase::ending;
  crew_.loop.post(*this);
}

void Worker::finish() {
  if (code_) {
    code_.reset();
    crew_.part.workers_running.set(crew_.part.workers_running.get() - 1);
  }
  phase_ = Phase::ended;
  crew_.model->on_ended(*this);
}

void Worker::on_deadline() {
  if (phase_ == Phase::sleeping) wake_up();
  if (phase_ == Phase::setting_up || phase_ == Phase::running) cut_off();
}

void Worker::stop(StopLevel level) {
  if (phase_ == Phase::waiting) {
    crew_.loop.disarm(*this);
    unlink();
    return finish();
  }
  look_up();
  const bool under_way = phase_ == Phase::setting_up ||
                         phase_ == Phase::running ||
                         phase_ == Phase::tearing_down;
  if (level >= StopLevel::cancel && under_way) return cut_off();
  const auto grace = crew_.options.grace_after_stop;
  if (grace) limit(crew_.loop.now() + *grace);
}

// What is under way at that time is cut off, unless it has been before.
void Worker::limit(Instant end) {
  if (end >= limit_ || phase_ >= Phase::tearing_down) return;
  limit_ = end;
  crew_.loop.arm(deadline_, end);
}

void Worker::look_up() {
  if (phase_ == Phase::sleeping || phase_ == Phase::resting) wake_up();
}

void Worker::wake_up() {
  crew_.loop.disarm(*this);
  phase_ = Phase::between;
  crew_.loop.post(*this);
}

void Worker::cut_off() {
  if (cut_off_) return;
  cut_off_ = true;
  call([](WorkerCode& code) { code.cancel(); });
}

}  // namespace molotov::load
