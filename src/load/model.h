// A load model: what decides how many workers a process has, and when they
// begin a run. Workers ask it whenever they are free.
#pragma once

#include <deque>
#include <memory>

#include "base/time.h"
#include "load/crew.h"
#include "load/worker.h"
#include "metrics/board.h"

namespace molotov::load {

class Model {
 public:
  // That of the crew's options, which it is the model of.
  static std::unique_ptr<Model> create(Crew& crew);
  virtual ~Model() = default;

  // The load is to begin with the loop's next turn,
  virtual void prepare() {}
  // and here it is.
  virtual void begin() = 0;

  // A worker is there that has nothing to do: is given a run, rests, or leaves.
  virtual void on_free(Worker& worker) = 0;
  // It has ended. Called by the worker itself, which is not to be changed yet.
  void on_ended(Worker& worker);
  // When a worker that was started then is to begin no more runs.
  virtual Instant end_of(Instant started) const = 0;
  // Uniform in [0, 1), for the scenario of the run that this worker begins.
  // REQUIRES: the crew has a seed.
  virtual double draw(const Worker& worker) const;

  // Everybody is to end.
  void stop(metrics::StopLevel level);
  bool done() const { return over() && alive_ == 0; }

 protected:
  explicit Model(Crew& crew) : crew_(crew) {}
  // There will be no more workers.
  virtual bool over() const = 0;
  virtual void on_worker_ended(Worker&) {}
  virtual void on_stop() {}

  // A new worker, with the number of one that has ended, or the next one:
  // workers().size().
  Worker& hire(size_t id);
  std::deque<Worker>& workers() { return workers_; }
  size_t alive() const { return alive_; }
  // How long each worker, or the whole of it, has, the warm-up included.
  Duration span() const;

  Crew& crew_;

 private:
  std::deque<Worker> workers_;  // which cannot move
  size_t alive_ = 0;
};

}  // namespace molotov::load
