#include "metrics/histogram.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "base/check.h"

namespace molotov::metrics {

namespace {

constexpr uint64_t kLeastNs = 1'000;
constexpr uint64_t kMostNs = 3'600'000'000'000;

// 1 us to 1 h is a little less than 32 octaves, but 1,000 is not where one
// begins. Shifted by this it is.
constexpr uint64_t kOffset = 24;

// Of GCC 12 std::bit_width is as wide as its argument; the standard's is int.
constexpr int width_of(uint64_t value) {
  return static_cast<int>(std::bit_width(value));
}

constexpr int kFirstOctave = width_of(kLeastNs + kOffset);

constexpr auto kRelaxed = std::memory_order_relaxed;

void add(std::atomic<uint64_t>& cell, uint64_t more) {
  cell.store(cell.load(kRelaxed) + more, kRelaxed);
}

// The extremes; 0 stands for none yet.
void lower(std::atomic<uint64_t>& cell, uint64_t ns) {
  const uint64_t least = cell.load(kRelaxed);
  if (least == 0 || ns < least) cell.store(ns, kRelaxed);
}

void raise(std::atomic<uint64_t>& cell, uint64_t ns) {
  if (ns > cell.load(kRelaxed)) cell.store(ns, kRelaxed);
}

}  // namespace

// The octave gives the upper bits of the index, the kSubBits bits behind the
// leading one the lower.
size_t Histogram::index_of(uint64_t ns) {
  const uint64_t shifted = ns + kOffset;
  const int octave = width_of(shifted);
  const uint64_t sub = (shifted >> (octave - 1 - kSubBits)) & 127;
  return (static_cast<size_t>(octave - kFirstOctave) << kSubBits) + sub;
}

uint64_t Histogram::middle_of(size_t index) {
  const int octave = static_cast<int>(index >> kSubBits) + kFirstOctave;
  const int width_bits = octave - 1 - kSubBits;
  const uint64_t first = (uint64_t{128} + (index & 127)) << width_bits;
  const uint64_t width = uint64_t{1} << width_bits;
  return first + (width - 1) / 2 - kOffset;
}

void Histogram::record(Duration value) {
  static_assert(1 << kSubBits == 128);
  static_assert((width_of(kMostNs + kOffset) - kFirstOctave + 1) * 128 ==
                kBuckets);
  const auto ns = static_cast<uint64_t>(
      std::clamp<int64_t>(value.count(), kLeastNs, kMostNs));
  add(buckets_[index_of(ns)], 1);
  add(count_, 1);
  add(sum_ns_, ns);
  lower(min_ns_, ns);
  raise(max_ns_, ns);
}

void Histogram::merge(const Histogram& other) {
  // While `other` is written, its figures need not agree with one another; so
  // that ours do, the count is that of the buckets.
  uint64_t merged = 0;
  for (size_t i = 0; i < kBuckets; i++) {
    const uint64_t more = other.buckets_[i].load(kRelaxed);
    if (more == 0) continue;
    add(buckets_[i], more);
    merged += more;
  }
  if (merged == 0) return;
  add(count_, merged);
  add(sum_ns_, other.sum_ns_.load(kRelaxed));
  if (const uint64_t least = other.min_ns_.load(kRelaxed))
    lower(min_ns_, least);
  raise(max_ns_, other.max_ns_.load(kRelaxed));
}

void Histogram::clear() {
  for (Cell* cell : {&count_, &sum_ns_, &min_ns_, &max_ns_})
    cell->store(0, kRelaxed);
  for (Cell& bucket : buckets_) bucket.store(0, kRelaxed);
}

uint64_t Histogram::count() const {
  return count_.load(kRelaxed);
}

Duration Histogram::min() const {
  return Duration(min_ns_.load(kRelaxed));
}

Duration Histogram::max() const {
  return Duration(max_ns_.load(kRelaxed));
}

Duration Histogram::mean() const {
  const uint64_t count = this->count();
  return Duration(count == 0 ? 0 : sum_ns_.load(kRelaxed) / count);
}

Duration Histogram::quantile(double fraction) const {
  // The buckets' own count: one that is being written may be behind count_.
  uint64_t total = 0;
  for (const Cell& bucket : buckets_) total += bucket.load(kRelaxed);
  if (total == 0) return Duration(0);

  // The rank, from 1, of the value that is asked for.
  const double exact =
      std::ceil(std::clamp(fraction, 0.0, 1.0) * static_cast<double>(total));
  const auto rank =
      std::clamp<uint64_t>(static_cast<uint64_t>(exact), 1, total);
  uint64_t below = 0;
  for (size_t i = 0; i < kBuckets; i++) {
    below += buckets_[i].load(kRelaxed);
    if (below < rank) continue;
    const Duration middle(middle_of(i));
    return std::max(min(), std::min(max(), middle));
  }
  return max();
}

}  // namespace molotov::metrics
