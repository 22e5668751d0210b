#include "load/run.h"

#include <algorithm>
#include <deque>

#include "load/worker.h"

namespace molotov::load {

using metrics::StopLevel;

namespace {

std::vector<metrics::SeriesRow*> rows_of(
    const std::vector<ScenarioInfo>& scenarios, metrics::SeriesWriter& series) {
  std::vector<metrics::SeriesRow*> rows;
  rows.reserve(scenarios.size());
  for (const ScenarioInfo& scenario : scenarios)
    rows.push_back(&series.find(metrics::SeriesKind::scenario, scenario.name));
  return rows;
}

}  // namespace

struct Run::State final : private io::Work {
  State(Run& run, io::Loop& loop, const RunOptions& options, Program& program,
        metrics::Board& board, metrics::ProcessPart& part,
        metrics::SeriesWriter& series, Console& console)
      : crew{run,
             loop,
             options,
             program,
             program.scenarios(),
             board,
             part,
             console,
             Picker(program.scenarios()),
             program.has_picker(),
             options.verbosity >= 1 && !options.quiet,
             std::vector<Tally>(program.scenarios().size()),
             rows_of(program.scenarios(), series)} {}

  void start() {
    started = true;
    for (int id = 0; id < crew.options.workers; id++)
      workers.emplace_back(crew, id).announce();
    crew.loop.post(*this);
  }

  // The ramp-up begins with a turn: before the loop's first its clock may be
  // an old one.
  void on_turn() override {
    const Duration step = std::max(crew.options.ramp_up, Duration(0)) /
                          std::max(crew.options.workers, 1);
    Instant slot = crew.loop.now();
    const Instant last = slot + step * (crew.options.workers - 1);
    const Instant end = last + crew.options.duration;
    crew.part.ends_at_ns.set(
        static_cast<uint64_t>(end.time_since_epoch().count()));
    for (Worker& worker : workers) {
      worker.start_at(slot);
      slot += step;
    }
  }

  Crew crew;
  std::deque<Worker> workers;  // which cannot move
  bool started = false;
  StopLevel acted_on = StopLevel::none;
};

Run::Run(io::Loop& loop, const RunOptions& options, Program& program,
         metrics::Board& board, size_t process_index,
         metrics::SeriesWriter& series, Console& console)
    : state_(std::make_unique<State>(*this, loop, options, program, board,
                                     board.part(process_index), series,
                                     console)) {}

Run::~Run() = default;

void Run::start() {
  state_->start();
}

const std::vector<Tally>& Run::tallies() const {
  return state_->crew.tallies;
}

bool Run::done() const {
  return state_->started && state_->crew.ended == state_->workers.size();
}

void Run::check_stop() {
  const StopLevel level = state_->crew.board.stop_level();
  if (level <= state_->acted_on) return;
  state_->acted_on = level;
  for (Worker& worker : state_->workers) worker.stop(level);
}

void Run::stop_all_after_failure() {
  metrics::Board& board = state_->crew.board;
  board.shared().stopped_by_failure.store(1);
  board.request_stop(StopLevel::graceful);
  check_stop();
}

}  // namespace molotov::load
