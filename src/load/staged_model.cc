#include "load/staged_model.h"

#include <utility>

namespace molotov::load {

StagedModel::StagedModel(Crew& crew)
    : Model(crew),
      changes_(Profile(crew.options.stages->pieces).workers_changes()) {
  changes_.push_back({crew.options.stages->length(), 0});
}

void StagedModel::begin() {
  begin_ = crew_.loop.now();
  end_ = begin_ + span();
  crew_.begin(begin_, end_);
  change();
}

// Makes all the changes that are due.
void StagedModel::change() {
  if (over_) return;
  const Instant now = crew_.loop.now();
  for (; next_ < changes_.size(); next_++) {
    const WorkersChange& change = changes_[next_];
    if (begin_ + change.at > now)
      return crew_.loop.arm(*this, begin_ + change.at);
    const int before = std::exchange(wanted_, change.workers);
    for (int id = before; id < wanted_; id++) want(static_cast<size_t>(id));
    for (int id = wanted_; id < before; id++)
      workers()[static_cast<size_t>(id)].look_up();
  }
  over_ = true;
}

void StagedModel::want(size_t id) {
  if (id < workers().size() && !workers()[id].ended()) {
    workers()[id].wanted_again();
    return;
  }
  hire(id).start_at(crew_.loop.now());
}

bool StagedModel::is_wanted(const Worker& worker) const {
  const int64_t most = crew_.options.max_runs;
  return worker.id() < wanted_ && crew_.loop.now() < end_ &&
         (most == 0 || worker.runs_that_count() < most);
}

void StagedModel::on_free(Worker& worker) {
  if (!is_wanted(worker)) return worker.leave();
  worker.run(crew_.loop.now(), false);
}

void StagedModel::on_worker_ended(Worker& worker) {
  if (over_ || !worker.is_wanted_again()) return;
  to_replace_.push_back(static_cast<size_t>(worker.id()));
  crew_.loop.post(*this);
}

void StagedModel::replace() {
  for (const size_t id : std::exchange(to_replace_, {})) {
    const bool wanted = !over_ && static_cast<int>(id) < wanted_;
    if (wanted && workers()[id].ended()) want(id);
  }
}

void StagedModel::on_stop() {
  over_ = true;
  crew_.loop.disarm(*this);
}

}  // namespace molotov::load
