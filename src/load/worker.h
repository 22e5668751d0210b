// One worker: a state machine from its first instant to its end. It is driven
// by the loop (its turn, its timers), by its code (WorkerEvents), by the load
// model, which it asks what to do whenever it is free, and by the run (stop()).
// Small, because there are ten thousands of them.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "base/time.h"
#include "io/loop.h"
#include "load/crew.h"
#include "load/scenario.h"
#include "metrics/board.h"
#include "metrics/series.h"

namespace molotov::load {

class Worker final : private io::Work, private io::Timer, private WorkerEvents {
 public:
  Worker(Crew& crew, int id) : crew_(crew), deadline_(*this), id_(id) {}

  // Says that it is there. It begins with start_at().
  void announce();
  // Begins at that instant, or in the next turn when it is not after now.
  void start_at(Instant slot);

  // What the model answers in its on_free(). It begins a run, which was to
  // begin then; whether that was a schedule's wish.
  void run(Instant intended, bool scheduled);
  // It waits for the model to call run() or look_up().
  void rest() { phase_ = Phase::resting; }
  // It ends, with its teardown.
  void leave();

  // Where it rests or sleeps, it asks its model anew what to do.
  void look_up();
  // Somebody is wanted in its place, should it be leaving.
  void wanted_again() { wanted_again_ = phase_ >= Phase::tearing_down; }
  bool is_wanted_again() const { return wanted_again_; }
  bool ended() const { return phase_ == Phase::ended; }

  int id() const { return id_; }
  Instant started() const { return started_; }
  // Of the next run, from 1; of the current one while it runs.
  int64_t step() const { return step_; }
  // That it has had, but for those of the warm-up.
  int64_t runs_that_count() const { return step_ - 1 - warm_up_runs_; }

  // What a stop of this level asks of a worker: one that sleeps or waits for
  // its slot ends; what is under way is cancelled, by `cancel` at once, else
  // when its grace is over. One that is between two runs sees by itself that it
  // is to end.
  // REQUIRES: level is not none.
  void stop(metrics::StopLevel level);

 private:
  enum class Phase : uint8_t {
    waiting,  // for its slot; nothing of it has happened
    setting_up,
    between,  // runs, queued for its turn
    running,
    sleeping,  // after a run
    resting,   // until its model has a run for it
    tearing_down,
    ending,  // queued, to give up its code
    ended,
  };
  // Whether it is to end whatever the run's bounds say.
  enum class Verdict : uint8_t {
    go_on,
    end,
    end_silently,  // its setup failed, or it died
  };

  // When its grace is over.
  class Deadline final : public io::Timer {
   public:
    explicit Deadline(Worker& worker) : worker_(worker) {}

   private:
    void on_timer() override { worker_.on_deadline(); }
    Worker& worker_;
  };

  void on_turn() override;
  void on_timer() override;
  void on_deadline();
  void limit(Instant end);
  void on_setup_done(bool ok) override;
  void on_run_done(RunOutcome outcome, bool suspended) override;
  void on_teardown_done(bool ok) override;

  void begin();
  void advance();
  size_t choose();
  void could_not_pick();
  void count(RunOutcome outcome);
  bool in_warm_up() const { return intended_ < crew_.measure_from; }
  void count_for_scenario(RunOutcome outcome);
  void after_run(Duration pause, bool suspended);
  void finish();
  void wake_up();
  void cut_off();
  template <typename Call>
  void call(Call begin);
  void say(const char* what) const;

  Crew& crew_;
  std::unique_ptr<WorkerCode> code_;
  Deadline deadline_;
  Instant started_{};
  Instant run_began_{};  // what the current run's duration counts from
  Instant limit_ = Instant::max();  // the deadline's
  Instant intended_{};              // of the current run, or the last
  int64_t step_ = 1;
  int64_t warm_up_runs_ = 0;
  size_t scenario_ = 0;
  int id_;
  Phase phase_ = Phase::waiting;
  Verdict verdict_ = Verdict::go_on;
  bool cut_off_ = false;  // what is under way was cancelled by us
  bool calling_ = false;  // into its code, which is not to be re-entered
  bool wanted_again_ = false;
};

}  // namespace molotov::load
