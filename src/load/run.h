// The load of one process: its workers, from the first one's start to the last
// one's end.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "io/loop.h"
#include "load/arrivals.h"
#include "load/scenario.h"
#include "load/stages.h"
#include "metrics/board.h"
#include "metrics/series.h"

namespace molotov::load {

struct RunOptions {
  // Of a rate or stages of rates: how many there may be at most.
  int workers = 1;
  Duration duration = std::chrono::hours(24);
  // Per worker; of a rate, in all processes together. 0: no bound; negative:
  // none at all.
  int64_t max_runs = 0;
  Duration ramp_up{0};
  // Runs that begin so early are counted apart. It comes before the duration,
  // but for stages, whose beginning it is.
  Duration warm_up{0};
  std::optional<double> rate = {};  // of all processes together, a second
  std::optional<Stages> stages = {};
  Arrival arrival = Arrival::constant;
  std::optional<int64_t> seed = {};  // of picks and arrivals
  Duration delay{0};                 // after every run
  bool single_run = false;           // each scenario once, then end
  size_t single_mode = kNoScenario;  // only this one
  bool stop_on_failure = false;      // -x
  // How long what is under way may go on, before it is cancelled, once the load
  // is to end: after a worker's duration, and after a stop. None: until it is
  // done.
  std::optional<Duration> grace_after_duration = {};
  std::optional<Duration> grace_after_stop = {};
  int verbosity = 0;  // from 1: the lines of a worker's life
  bool quiet = false;
};

// How the runs of one scenario have ended.
struct Tally {
  uint64_t succeeded = 0;
  uint64_t failed = 0;
};

class Run {
 public:
  // All borrowed; they outlive the run. `series` is where this process counts.
  // The scenarios have their rows of it from here on, so that no other names
  // can take them.
  Run(io::Loop& loop, const RunOptions& options, Program& program,
      metrics::Board& board, size_t process_index,
      metrics::SeriesWriter& series, Console& console);
  ~Run();

  // The load begins with the loop's next turn.
  void start();
  // The last worker has ended. A Work or a turn of the loop later at most.
  bool done() const;
  // So far, by the scenario's number.
  const std::vector<Tally>& tallies() const;

  // Looks at the board's stop level and acts: wakes sleeping workers so that
  // they end, or cancels runs in progress. Call it when woken, and after
  // anything may have asked for a stop.
  void check_stop();

  // This process wants all to stop, because something failed (-x, a fixture):
  // says so on the board (the supervisor, who reads it, wakes the others) and
  // acts on it here at once.
  void stop_all_after_failure();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace molotov::load
