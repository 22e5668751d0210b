// Tells a StatsD server once a second how many runs of each scenario have ended
// and how.
#pragma once

#include <string>
#include <vector>

#include "io/loop.h"
#include "load/run.h"
#include "session/statsd.h"

namespace molotov::python {

class ScenarioMetrics final : private io::Timer {
 public:
  // All borrowed. Begins at once, and ends with its destruction.
  ScenarioMetrics(io::Loop& loop, const load::Run& run,
                  const std::vector<load::ScenarioInfo>& scenarios,
                  session::Statsd& statsd);

  // What was not told yet.
  void tell();

 private:
  void on_timer() override;

  io::Loop& loop_;
  const load::Run& run_;
  const std::vector<load::ScenarioInfo>& scenarios_;
  session::Statsd& statsd_;
  std::vector<load::Tally> told_;
};

}  // namespace molotov::python
