#include "python/scenario_metrics.h"

namespace molotov::python {

namespace {

constexpr Duration kPeriod = 1s;

}  // namespace

ScenarioMetrics::ScenarioMetrics(
    io::Loop& loop, const load::Run& run,
    const std::vector<load::ScenarioInfo>& scenarios, session::Statsd& statsd)
    : loop_(loop),
      run_(run),
      scenarios_(scenarios),
      statsd_(statsd),
      told_(scenarios.size()) {
  loop_.arm_after(*this, kPeriod);
}

void ScenarioMetrics::on_timer() {
  tell();
  loop_.arm_after(*this, kPeriod);
}

void ScenarioMetrics::tell() {
  const std::vector<load::Tally>& now = run_.tallies();
  for (size_t i = 0; i < scenarios_.size(); i++) {
    const auto& name = scenarios_[i].name;
    if (const uint64_t more = now[i].succeeded - told_[i].succeeded)
      statsd_.send_runs(name, "success", more);
    if (const uint64_t more = now[i].failed - told_[i].failed)
      statsd_.send_runs(name, "failure", more);
  }
  told_ = now;
}

}  // namespace molotov::python
