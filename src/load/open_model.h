// The open model: runs begin when a schedule wants them to, however long those
// before them take. Workers are made as they are needed, and kept; the one that
// was used last is used first. A run for which there is none at its time begins
// as soon as there is one, in its turn, and keeps the time that it was to begin
// at.
#pragma once

#include <vector>

#include "io/loop.h"
#include "load/arrivals.h"
#include "load/model.h"
#include "load/profile.h"
#include "load/start_line.h"

namespace molotov::load {

class OpenModel final : public Model, private io::Timer, private io::Work {
 public:
  explicit OpenModel(Crew& crew);

  void begin() override;
  void on_free(Worker& worker) override;
  Instant end_of(Instant) const override { return end_; }
  double draw(const Worker& worker) const override;

 private:
  void on_timer() override { serve(); }
  void on_turn() override { serve(); }
  void begin_at(Instant at);
  void serve();
  bool is_due(Instant now) const;
  void notice();
  uint64_t workers_to_come() const;
  bool hire_for_waiting();
  void begin_run(Worker& worker);
  void wait_for_next();
  void close_if_over();
  void close();
  bool over() const override { return closed_; }
  void on_worker_ended(Worker& worker) override;
  void on_stop() override;

  StartLine start_line_;
  Profile profile_;
  size_t most_workers_;
  // The next run to begin, and the first one that nobody has looked at yet:
  // those between them wait for a worker.
  Arrivals head_;
  Arrivals due_;
  uint64_t waiting_ = 0;
  std::vector<Worker*> free_;
  std::vector<size_t> vacant_;  // numbers of workers that have ended
  std::vector<bool> is_new_;    // by number: it has yet to be free
  size_t new_ = 0;
  uint64_t beginning_ = 0;  // the number of the run that begins
  Instant begin_{};
  Instant end_ = Instant::max();
  Instant last_start_ = Instant::max();  // that the grace leaves time for
  bool closed_ = false;
};

}  // namespace molotov::load
