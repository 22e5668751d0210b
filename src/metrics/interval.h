// What was counted in one process from one moment to another: what the board's
// reader makes (collector.h), what a run's data is made of (run_data.h).
#pragma once

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "base/time.h"
#include "metrics/board.h"
#include "metrics/series.h"

namespace molotov::metrics {

struct BucketCount {
  uint16_t bucket = 0;
  uint64_t count = 0;
  bool operator==(const BucketCount&) const = default;
};
using BucketCounts = std::vector<BucketCount>;  // ascending

// Of one measure.
struct MeasureChange {
  Measure measure{};
  uint64_t sum_ns = 0;
  Duration min{0};  // of all that was counted so far, not of the interval
  Duration max{0};
  BucketCounts buckets;
};

// Of values.
struct ValueChange {
  double sum = 0;
  double min = 0;  // as of a MeasureChange
  double max = 0;
  BucketCounts buckets;
};

// Of one series; only what has changed.
struct SeriesChange {
  const SeriesKey* key = nullptr;  // outlives the interval
  std::vector<std::pair<Figure, uint64_t>> figures;
  // A status, or 1 to 5 for those of 1xx to 5xx that were not told apart.
  std::vector<std::pair<int, uint64_t>> statuses;
  std::vector<MeasureChange> measures;
  std::optional<ValueChange> value;

  bool empty() const {
    return figures.empty() && statuses.empty() && measures.empty() && !value;
  }
};

struct Interval {
  size_t process = 0;
  Instant from{};
  Instant to{};
  std::vector<SeriesChange> series;
};

}  // namespace molotov::metrics
