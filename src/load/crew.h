// What the workers of a process have in common. Outlives them.
#pragma once

#include <optional>
#include <vector>

#include "base/random.h"
#include "io/loop.h"
#include "load/picker.h"
#include "load/run.h"
#include "load/scenario.h"
#include "metrics/board.h"
#include "metrics/series.h"

namespace molotov::load {

class Model;

struct Crew {
  Run& run;
  io::Loop& loop;
  const RunOptions& options;
  Program& program;
  const std::vector<ScenarioInfo>& scenarios;
  metrics::Board& board;
  metrics::ProcessPart& part;
  Share share;  // this process
  Console& console;
  Picker picker;
  bool has_picker;               // of the script's own
  bool verbose;                  // says what each worker does
  std::optional<Random> random;  // with a seed: of this process
  std::vector<Tally> tallies;
  std::vector<metrics::SeriesRow*> rows;  // of the scenarios
  Model* model = nullptr;                 // whom workers ask what to do
  // Runs that were to begin before are of the warm-up.
  Instant measure_from = Instant::min();

  bool stopping() const {
    return board.stop_level() != metrics::StopLevel::none;
  }
  // The load begins: from then on the warm-up counts. It ends at `end`.
  void begin(Instant at, Instant end) {
    part.ends_at_ns.set(static_cast<uint64_t>(end.time_since_epoch().count()));
    if (options.warm_up <= Duration(0)) return;
    measure_from = at + options.warm_up;
    part.measure_from_ns.set(
        static_cast<uint64_t>(measure_from.time_since_epoch().count()));
  }
};

}  // namespace molotov::load
