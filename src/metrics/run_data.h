// The data of a run, which every report is a view of: by name, all processes
// together, and second by second.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <span>
#include <vector>

#include "metrics/histogram.h"
#include "metrics/interval.h"
#include "metrics/series.h"
#include "metrics/value_histogram.h"

namespace molotov::metrics {

struct Series {
  std::array<uint64_t, kFigures> figures{};
  // By status, or 1 to 5: see SeriesChange.
  std::map<int, uint64_t> statuses;
  std::array<Histogram, kMeasures> measures;
  ValueHistogram values;

  void add(const SeriesChange& change);
  void merge(const Series& other);

  uint64_t get(Figure figure) const {
    return figures[static_cast<size_t>(figure)];
  }
  const Histogram& get(Measure measure) const {
    return measures[static_cast<size_t>(measure)];
  }
  // Of endpoints.
  uint64_t errors() const;       // not answered
  uint64_t http_errors() const;  // answered with 4xx or 5xx
  uint64_t requests() const { return get(Figure::answered) + errors(); }
};

// A second of the run, or more of them in one.
struct TimelinePoint {
  Instant from{};
  Instant to{};
  uint64_t requests = 0;
  uint64_t errors = 0;
  uint64_t http_errors = 0;
  BucketCounts response;
  BucketCounts server;
};

class RunData {
 public:
  // At most so many points are kept: the older ones become longer.
  static constexpr size_t kPointsMost = 1800;

  // Those of one moment, of each process.
  void add(std::span<const Interval> intervals);

  const std::map<SeriesKey, Series>& series() const { return series_; }
  const std::deque<TimelinePoint>& timeline() const { return timeline_; }
  // All endpoints as one.
  Series all_requests() const;
  // From the first interval's begin to the last one's end; 0 without any.
  Duration duration() const;

 private:
  void coarsen();

  std::map<SeriesKey, Series> series_;
  std::deque<TimelinePoint> timeline_;
};

}  // namespace molotov::metrics
