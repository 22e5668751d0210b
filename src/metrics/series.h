// What is counted by name: endpoints, scenarios, and what a script counts of
// its own. A table a process, in the board's memory, of one writer, that only
// grows; the reader takes what came since it last looked (collector.h). No
// figure is ever taken back, so that nobody waits for anybody, and what a
// process had counted when it died is read like the rest.
//
// A row takes memory, which the kernel gives by the page, for what was written
// in it only.
#pragma once

#include <array>
#include <atomic>
#include <bit>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/time.h"
#include "metrics/buckets.h"
#include "metrics/count.h"
#include "metrics/error_kind.h"
#include "metrics/value_buckets.h"

namespace molotov::metrics {

enum class SeriesKind : uint32_t {
  endpoint,  // requests by where they went (endpoint_name.h)
  scenario,  // its runs
  step,      // a named part of runs
  check,     // what a script expects
  counter,   // what a script counts
  value,     // what a script measures
};
constexpr size_t kSeriesKinds = 6;

// Counts of a row; not every kind has each. Add at the end of a part only.
enum class Figure : uint8_t {
  // Of endpoints.
  answered,    // whatever the status
  bytes_sent,  // on the wire, framing included
  bytes_received,
  new_connections,  // requests that made one
  reused_connections,
  unstamped,     // server times up to when we had the last byte: no stamp
  untimed,       // answers whose body was left, so without server time
  ttfb_bounded,  // the first byte may have come before its stamp
  // Of scenarios, steps, checks.
  succeeded,
  failed,
  cancelled,
  // Of counters.
  amount,
  // Of endpoints: not answered, by ErrorKind.
  first_error,
};
constexpr Figure figure_of(ErrorKind kind) {
  return static_cast<Figure>(static_cast<size_t>(Figure::first_error) +
                             static_cast<size_t>(kind));
}
constexpr size_t kFigures =
    static_cast<size_t>(Figure::first_error) + kErrorKinds;

// Durations of a row.
enum class Measure : uint8_t {
  server,         // sent to the kernel's stamp of the last byte
  ttfb,           // sent to the stamp of the first byte
  response,       // intended start to handled
  generator_lag,  // the last byte's stamp to handled
  dns,
  connect,
  tls,
  error,     // intended start to the end, of what was not answered
  duration,  // of runs, from their intended start, and of steps
};
constexpr size_t kMeasures = 9;

struct StatusCell {
  Count status;  // 0: free
  Count count;
};

// What of a measure is known exactly, beside its buckets.
struct ExactCells {
  Count sum_ns;
  Count min_ns;  // 0: none yet
  Count max_ns;
};

// The same of values: doubles, by their bits.
struct ExactValueCells {
  Count count;
  Count sum;
  Count min;
  Count max;
};

// A count of one bucket. Wraps round after 2^32: the reader looks every second.
using BucketCell = std::atomic<uint32_t>;
constexpr size_t kPageBytes = 4096;

struct alignas(kPageBytes) SeriesRow {
  static constexpr size_t kStatuses = 16;

  Count kind;  // a SeriesKind
  Count name_bytes;
  std::array<char, 512> name{};
  std::array<char, 32> unit{};  // of values; ends with a zero
  std::array<Count, kFigures> figures;
  std::array<StatusCell, kStatuses> statuses;
  std::array<Count, 10> other_statuses;  // by class, of those without a cell
  std::array<ExactCells, kMeasures> exact;
  ExactValueCells exact_value;  // of kind value
  alignas(kPageBytes)
      std::array<std::array<BucketCell, kPageBytes>, kMeasures> buckets{};

  void add(Figure figure, uint64_t more = 1) {
    figures[static_cast<size_t>(figure)].add(more);
  }
  void add_status(int status);
  void record(Measure measure, Duration value);
  // Of kind value only. REQUIRES: it is finite.
  void record_value(double value);
  // What is of kind value has no durations: its buckets are where theirs are.
  BucketCell& value_cell(size_t bucket) {
    return buckets[bucket / kPageBytes][bucket % kPageBytes];
  }
  const BucketCell& value_cell(size_t bucket) const {
    return buckets[bucket / kPageBytes][bucket % kPageBytes];
  }
};
static_assert(kBuckets <= kPageBytes);
static_assert(kValueBuckets <= 2 * kPageBytes);

// What a series is called.
struct SeriesKey {
  SeriesKind kind = SeriesKind::endpoint;
  std::string name;
  std::string unit = {};
  auto operator<=>(const SeriesKey&) const = default;
};

// How many names there may be, and what the rest is counted under.
constexpr size_t kNamesDefault = 1000;
constexpr std::string_view kOtherName = "(other)";

// A process' table: a view of memory that outlives it.
class SeriesTable {
 public:
  // Room for so many names, and for the rest of each kind.
  static constexpr size_t rows_for(size_t names) {
    return names + kSeriesKinds;
  }
  static size_t size_bytes(size_t rows);
  // Of zeroes, as the kernel gives them, it is an empty one.
  SeriesTable(void* memory, size_t rows);

  size_t capacity() const { return capacity_; }
  size_t used() const;
  const SeriesRow& row(size_t index) const { return rows_[index]; }
  // nullptr: it is full.
  SeriesRow* append(SeriesKind kind, std::string_view name,
                    std::string_view unit);

 private:
  struct Head;
  Head* head_;
  SeriesRow* rows_;
  size_t capacity_;
};

// Finds rows by their names, in the one process that writes them.
class SeriesWriter {
 public:
  explicit SeriesWriter(SeriesTable table);

  // The row of that name, cut to what fits; where there are too many names, the
  // row of all the rest, of that kind. Stays where it is.
  SeriesRow& find(SeriesKind kind, std::string_view name,
                  std::string_view unit = {});

 private:
  struct Hash {
    using is_transparent = void;
    size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>()(text);
    }
  };
  using Rows =
      std::unordered_map<std::string, SeriesRow*, Hash, std::equal_to<>>;

  SeriesTable table_;
  size_t names_ = 0;
  std::array<Rows, kSeriesKinds> rows_;
};

inline void SeriesRow::add_status(int status) {
  const auto wanted = static_cast<uint64_t>(status);
  for (size_t i = 0; i < kStatuses; i++) {
    StatusCell& cell = statuses[(wanted + i) % kStatuses];
    if (cell.status.get() == 0) cell.status.set(wanted);
    if (cell.status.get() == wanted) return cell.count.add();
  }
  other_statuses[wanted / 100 % other_statuses.size()].add();
}

// The sum comes last: who sees it sees the rest.
inline void SeriesRow::record(Measure measure, Duration value) {
  value = counted_as(value);
  const auto index = static_cast<size_t>(measure);
  ExactCells& cells = exact[index];
  const auto ns = static_cast<uint64_t>(value.count());
  if (ns > cells.max_ns.get()) cells.max_ns.set(ns);
  // Wraps round where there is none yet.
  if (ns - 1 < cells.min_ns.get() - 1) cells.min_ns.set(ns);
  BucketCell& cell = buckets[index][bucket_of(value)];
  cell.store(cell.load(std::memory_order_relaxed) + 1,
             std::memory_order_relaxed);
  cells.sum_ns.publish(cells.sum_ns.get() + ns);
}

// The count comes last: who sees it sees the rest.
inline void SeriesRow::record_value(double value) {
  ExactValueCells& cells = exact_value;
  const auto number = [](const Count& cell) {
    return std::bit_cast<double>(cell.get());
  };
  const auto put = [](Count& cell, double more) {
    cell.set(std::bit_cast<uint64_t>(more));
  };
  const bool first = cells.count.get() == 0;
  if (first || value < number(cells.min)) put(cells.min, value);
  if (first || value > number(cells.max)) put(cells.max, value);
  put(cells.sum, finite_sum(number(cells.sum), value));
  BucketCell& cell = value_cell(bucket_of_value(value));
  cell.store(cell.load(std::memory_order_relaxed) + 1,
             std::memory_order_relaxed);
  cells.count.publish(cells.count.get() + 1);
}

}  // namespace molotov::metrics
