#include "metrics/run_monitor.h"

namespace molotov::metrics {

void RunMonitor::look(Instant now) {
  if (now >= due_) take(now);
}

void RunMonitor::finish(Instant now) {
  take(now);
}

void RunMonitor::take(Instant now) {
  data_.add(collector_.collect(now));
  // Seconds of the run, not of whenever somebody looked.
  const Duration passed = data_.duration();
  if (!data_.timeline().empty())
    due_ = data_.timeline().front().from +
           std::chrono::floor<std::chrono::seconds>(passed) + 1s;
}

}  // namespace molotov::metrics
