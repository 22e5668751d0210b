#include "load/closed_model.h"

#include <algorithm>

namespace molotov::load {

void ClosedModel::prepare() {
  prepared_ = true;
  const auto count = static_cast<size_t>(std::max(crew_.options.workers, 0));
  while (workers().size() < count) hire(workers().size());
}

void ClosedModel::begin() {
  const int count = std::max(crew_.options.workers, 1);
  const Duration step = std::max(crew_.options.ramp_up, Duration(0)) / count;
  Instant slot = crew_.loop.now();
  crew_.begin(slot, slot + step * (crew_.options.workers - 1) + span());
  for (Worker& worker : workers()) {
    worker.start_at(slot);
    slot += step;
  }
}

bool ClosedModel::may_run(const Worker& worker) const {
  const RunOptions& options = crew_.options;
  if (crew_.loop.now() >= end_of(worker.started())) return false;
  if (options.max_runs != 0 && worker.runs_that_count() >= options.max_runs)
    return false;
  return !options.single_run ||
         worker.step() <= static_cast<int64_t>(crew_.scenarios.size());
}

void ClosedModel::on_free(Worker& worker) {
  if (!may_run(worker)) return worker.leave();
  worker.run(crew_.loop.now(), false);
}

}  // namespace molotov::load
