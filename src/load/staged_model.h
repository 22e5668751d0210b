// The closed model with a number of workers that changes (--stages). Those that
// are too many end behind their run, with a teardown; where they are wanted
// again, others begin in their place.
#pragma once

#include <vector>

#include "io/loop.h"
#include "load/model.h"
#include "load/profile.h"

namespace molotov::load {

class StagedModel final : public Model, private io::Timer, private io::Work {
 public:
  explicit StagedModel(Crew& crew);

  void begin() override;
  void on_free(Worker& worker) override;
  Instant end_of(Instant) const override { return end_; }

 private:
  void on_timer() override { change(); }
  void on_turn() override { replace(); }
  void change();
  void want(size_t id);
  void replace();
  bool is_wanted(const Worker& worker) const;
  bool over() const override { return over_; }
  void on_worker_ended(Worker& worker) override;
  void on_stop() override;

  std::vector<WorkersChange> changes_;
  size_t next_ = 0;  // of the changes
  int wanted_ = 0;
  // Numbers of workers that were wanted again while they were leaving, and have
  // ended since.
  std::vector<size_t> to_replace_;
  Instant begin_{};
  Instant end_{};
  bool over_ = false;
};

}  // namespace molotov::load
