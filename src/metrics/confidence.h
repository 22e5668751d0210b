// How far a percentile that was measured may be from the true one, whatever the
// distribution: of n independent values, how many lie below the true one is
// binomial, and so it lies between two of them, by their ranks.
#pragma once

#include <cstdint>
#include <optional>

#include "base/time.h"
#include "metrics/histogram.h"

namespace molotov::metrics {

// From 1, in ascending order; none: so many values do not bound that side.
struct RankInterval {
  std::optional<uint64_t> low;
  std::optional<uint64_t> high;
  bool operator==(const RankInterval&) const = default;
};

// The narrowest ranks such that the true quantile is below the lower one, and
// above the upper one, with a probability of at most (1 - `level`) / 2 each.
// REQUIRES: 0 < fraction < 1, 0 < level < 1.
RankInterval confidence_ranks(uint64_t count, double fraction, double level);

struct ConfidenceInterval {
  std::optional<Duration> low;
  std::optional<Duration> high;
};

// The same of the values that were counted. REQUIRES: as above.
ConfidenceInterval confidence_interval(const Histogram& histogram,
                                       double fraction, double level);

}  // namespace molotov::metrics
