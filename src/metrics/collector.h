// Reads a board: of each process, what was counted since the last time. Nothing
// is lost or counted twice, whenever it looks and however a process ends;
// figures of one request may come in two intervals.
#pragma once

#include <deque>
#include <vector>

#include "metrics/board.h"
#include "metrics/bucket_range.h"
#include "metrics/interval.h"

namespace molotov::metrics {

class Collector {
 public:
  // `board` is borrowed.
  explicit Collector(Board& board);

  // Of every process: what came since the last interval, or since the first of
  // them began its load, up to `now`, or to when the last one's load was over.
  // Empty where none has begun, and where there is nothing more once it is
  // over. Keys live as long as the collector.
  std::vector<Interval> collect(Instant now);

 private:
  struct SeenMeasure {
    uint64_t sum_ns = 0;
    BucketRange<uint32_t> buckets;
  };
  struct SeenValue {
    uint64_t count = 0;
    double sum = 0;
    BucketRange<uint32_t, kValueBuckets> buckets;
  };
  // A row as it was when we last looked.
  struct SeenRow {
    SeriesKey key;
    std::array<uint64_t, kFigures> figures{};
    std::array<uint64_t, SeriesRow::kStatuses> statuses{};
    std::array<uint64_t, 10> other_statuses{};
    std::array<SeenMeasure, kMeasures> measures;
    SeenValue value;
  };
  using SeenRows = std::deque<SeenRow>;  // which do not move

  Instant load_began() const;
  Instant load_ended(Instant now) const;
  static SeriesChange look(const SeriesRow& row, SeenRow& seen);
  static void look_at_statuses(const SeriesRow& row, SeenRow& seen,
                               SeriesChange& change);
  static void look_at_measure(const SeriesRow& row, Measure measure,
                              SeenMeasure& seen, SeriesChange& change);
  static void look_at_value(const SeriesRow& row, SeenValue& seen,
                            SeriesChange& change);

  Board& board_;
  Instant last_{};  // the last interval's end
  std::vector<SeenRows> processes_;
};

}  // namespace molotov::metrics
