// Autosizing (--sizing): workers are ramped up until too large a share of the
// runs fails. This decides when that is, from what all processes together have
// counted; the supervisor feeds it and stops the load.
//
// Of the last minute, which slides: ratio = 100 * failed / (succeeded +
// failed). Reached when there were 100 runs in it and ratio > tolerance. Runs
// that were cancelled are neither.
#pragma once

#include <cstdint>
#include <deque>

#include "base/time.h"
#include "metrics/board.h"

namespace molotov::metrics {

// Runs that ended, by how.
struct Outcomes {
  uint64_t succeeded = 0;
  uint64_t failed = 0;

  uint64_t runs() const { return succeeded + failed; }
  // Failures in percent of the runs; 0 when there were none.
  double error_ratio() const;
};

// What was found, for the report.
struct SizingVerdict {
  bool reached = false;
  uint64_t workers = 0;  // started until then
  double error_ratio = 0;
  Outcomes last_minute;  // that decided, or before the end
};

class Sizing {
 public:
  // `tolerance` in percent. The minute begins to fill at `began`.
  Sizing(double tolerance, Instant began);

  // What is counted now; call it a few times a second, with figures that never
  // fall. Returns whether the tolerance was exceeded, now or before: from then
  // on the verdict stands.
  bool observe(Instant now, const Totals& totals);

  const SizingVerdict& verdict() const { return verdict_; }

 private:
  struct Sample {
    Instant at;
    Outcomes outcomes;
  };

  double tolerance_;
  // One a second: the first is the newest that is a minute old, or the
  // beginning.
  std::deque<Sample> samples_;
  SizingVerdict verdict_;
};

}  // namespace molotov::metrics
