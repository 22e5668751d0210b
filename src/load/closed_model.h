// The closed model: so many workers, each of which begins its next run when
// the last one has ended.
#pragma once

#include "load/model.h"

namespace molotov::load {

class ClosedModel final : public Model {
 public:
  explicit ClosedModel(Crew& crew) : Model(crew) {}

  void prepare() override;
  // Worker i begins at i * ramp_up / workers.
  void begin() override;
  void on_free(Worker& worker) override;
  Instant end_of(Instant started) const override { return started + span(); }

 private:
  bool may_run(const Worker& worker) const;
  bool over() const override { return prepared_; }

  bool prepared_ = false;
};

}  // namespace molotov::load
