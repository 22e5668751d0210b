// Follows a run: takes up, once a second, what its board has.
#pragma once

#include "metrics/collector.h"
#include "metrics/run_data.h"

namespace molotov::metrics {

class RunMonitor {
 public:
  // `board` is borrowed.
  explicit RunMonitor(Board& board) : collector_(board) {}

  // To be called several times a second: does something only once in one.
  void look(Instant now);
  // Takes up what is left. Once the processes have ended, that is all.
  void finish(Instant now);

  const RunData& data() const { return data_; }

 private:
  void take(Instant now);

  Collector collector_;
  RunData data_;
  Instant due_{};
};

}  // namespace molotov::metrics
