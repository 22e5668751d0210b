#include "load/model.h"

#include <algorithm>

#include "base/check.h"
#include "load/closed_model.h"
#include "load/open_model.h"
#include "load/staged_model.h"

namespace molotov::load {

std::unique_ptr<Model> Model::create(Crew& crew) {
  const RunOptions& options = crew.options;
  if (options.rate || (options.stages && options.stages->of_rate))
    return std::make_unique<OpenModel>(crew);
  if (options.stages) return std::make_unique<StagedModel>(crew);
  return std::make_unique<ClosedModel>(crew);
}

double Model::draw(const Worker& worker) const {
  return crew_.random->derived(static_cast<uint64_t>(worker.id()))
      .uniform(static_cast<uint64_t>(worker.step()));
}

Duration Model::span() const {
  const RunOptions& options = crew_.options;
  if (options.stages) return options.stages->length();
  return std::max(options.warm_up, Duration(0)) + options.duration;
}

Worker& Model::hire(size_t id) {
  const auto number = static_cast<int>(id);
  if (id == workers_.size()) {
    workers_.emplace_back(crew_, number);
  } else {
    CHECK(workers_[id].ended());
    std::destroy_at(&workers_[id]);
    std::construct_at(&workers_[id], crew_, number);
  }
  alive_++;
  workers_[id].announce();
  return workers_[id];
}

void Model::on_ended(Worker& worker) {
  alive_--;
  on_worker_ended(worker);
}

void Model::stop(metrics::StopLevel level) {
  on_stop();
  for (Worker& worker : workers_) worker.stop(level);
}

}  // namespace molotov::load
