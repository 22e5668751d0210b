#include "load/run.h"

#include "load/crew.h"
#include "load/model.h"

namespace molotov::load {

using metrics::StopLevel;

namespace {

std::optional<Random> random_of(const RunOptions& options, size_t process) {
  if (!options.seed) return std::nullopt;
  return Random(static_cast<uint64_t>(*options.seed)).derived(process);
}

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
        metrics::Board& board, size_t process, metrics::SeriesWriter& series,
        Console& console)
      : crew{run,
             loop,
             options,
             program,
             program.scenarios(),
             board,
             board.part(process),
             {process, board.processes()},
             console,
             Picker(program.scenarios()),
             program.has_picker(),
             options.verbosity >= 1 && !options.quiet,
             random_of(options, process),
             std::vector<Tally>(program.scenarios().size()),
             rows_of(program.scenarios(), series)},
        model(Model::create(crew)) {
    crew.model = model.get();
  }

  void start() {
    started = true;
    model->prepare();
    crew.loop.post(*this);
  }

  // The load begins with a turn: before the loop's first its clock may be an
  // old one.
  void on_turn() override { model->begin(); }

  Crew crew;
  std::unique_ptr<Model> model;
  bool started = false;
  StopLevel acted_on = StopLevel::none;
};

Run::Run(io::Loop& loop, const RunOptions& options, Program& program,
         metrics::Board& board, size_t process_index,
         metrics::SeriesWriter& series, Console& console)
    : state_(std::make_unique<State>(*this, loop, options, program, board,
                                     process_index, series, console)) {}

Run::~Run() = default;

void Run::start() {
  state_->start();
}

const std::vector<Tally>& Run::tallies() const {
  return state_->crew.tallies;
}

bool Run::done() const {
  return state_->started && state_->model->done();
}

void Run::check_stop() {
  const StopLevel level = state_->crew.board.stop_level();
  if (level <= state_->acted_on) return;
  state_->acted_on = level;
  state_->model->stop(level);
}

void Run::stop_all_after_failure() {
  metrics::Board& board = state_->crew.board;
  board.shared().stopped_by_failure.store(1);
  board.request_stop(StopLevel::graceful);
  check_stop();
}

}  // namespace molotov::load
