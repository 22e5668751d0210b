// One worker: a state machine from its slot in the ramp-up to its end. It is
// driven by the loop (its turn, its timers), by its code (WorkerEvents) and by
// the run (stop()). Small, because there are ten thousands of them.
#pragma once

#include <cstdint>
#include <memory>

#include "base/time.h"
#include "io/loop.h"
#include "load/picker.h"
#include "load/run.h"
#include "load/scenario.h"
#include "metrics/board.h"
#include "metrics/series.h"

namespace molotov::load {

// What the workers of a process have in common. Outlives them.
struct Crew {
  Run& run;
  io::Loop& loop;
  const RunOptions& options;
  Program& program;
  const std::vector<ScenarioInfo>& scenarios;
  metrics::Board& board;
  metrics::ProcessPart& part;
  Console& console;
  Picker picker;
  bool has_picker;  // of the script's own
  bool verbose;     // says what each worker does
  std::vector<Tally> tallies;
  std::vector<metrics::SeriesRow*> rows;  // of the scenarios
  size_t ended = 0;

  bool stopping() const {
    return board.stop_level() != metrics::StopLevel::none;
  }
};

class Worker final : private io::Work, private io::Timer, private WorkerEvents {
 public:
  Worker(Crew& crew, int id) : crew_(crew), deadline_(*this), id_(id) {}

  // Says that it is there. It begins with start_at().
  void announce();
  // Begins at that instant, or in the next turn when it is not after now.
  void start_at(Instant slot);

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
  bool may_run() const;
  size_t choose();
  void run(size_t scenario);
  void could_not_pick();
  void count(RunOutcome outcome);
  void count_for_scenario(RunOutcome outcome);
  void after_run(Duration pause, bool suspended);
  void leave();
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
  int64_t step_ = 1;  // of the next run; that of the current while running
  size_t scenario_ = 0;
  int id_;
  Phase phase_ = Phase::waiting;
  Verdict verdict_ = Verdict::go_on;
  bool cut_off_ = false;  // what is under way was cancelled by us
  bool calling_ = false;  // into its code, which is not to be re-entered
};

}  // namespace molotov::load
