// The histogram against the values themselves: every figure that it gives is
// compared with the one that a sorted vector gives.
#include "metrics/histogram.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <random>
#include <vector>

namespace molotov::metrics {
namespace {

constexpr double kErrorMost = 0.004;  // what the header promises

// How far `got` is from `wanted`, as a share of it.
double relative_error(Duration got, Duration wanted) {
  return std::abs(static_cast<double>((got - wanted).count())) /
         static_cast<double>(wanted.count());
}

// The value of that rank, as Histogram::quantile() defines it.
Duration exact_quantile(const std::vector<Duration>& sorted, double fraction) {
  const auto rank = static_cast<size_t>(
      std::ceil(fraction * static_cast<double>(sorted.size())));
  return sorted[std::clamp<size_t>(rank, 1, sorted.size()) - 1];
}

// Values from 1 us to 1 h, as likely in each octave.
std::vector<Duration> random_values(size_t count, unsigned seed) {
  std::mt19937_64 random(seed);
  std::uniform_real_distribution<double> exponent(std::log(1e3),
                                                  std::log(3.6e12));
  std::vector<Duration> values(count);
  for (Duration& value : values)
    value = Duration(static_cast<int64_t>(std::exp(exponent(random))));
  return values;
}

TEST(Histogram, EmptyHasZeroes) {
  const auto empty = std::make_unique<Histogram>();
  EXPECT_EQ(empty->count(), 0u);
  EXPECT_EQ(empty->min(), 0ns);
  EXPECT_EQ(empty->max(), 0ns);
  EXPECT_EQ(empty->mean(), 0ns);
  EXPECT_EQ(empty->quantile(0.5), 0ns);
}

TEST(Histogram, OneValueIsReadBackWithinTheError) {
  auto histogram = std::make_unique<Histogram>();
  auto both_ends = std::make_unique<Histogram>();
  // Each value where buckets begin and end, and between, from 1 us to 1 h.
  for (double exact = 1e3; exact <= 3.6e12; exact *= 1.0007) {
    const Duration value(static_cast<int64_t>(exact));
    *histogram = {};
    histogram->record(value);
    EXPECT_EQ(histogram->quantile(0.5), value);  // min and max bound it

    // With values far below and above, the bucket's own middle is read.
    *both_ends = {};
    both_ends->record(1us);
    both_ends->record(value);
    both_ends->record(std::chrono::hours(1));
    EXPECT_LE(relative_error(both_ends->quantile(0.5), value), kErrorMost)
        << value.count();
  }
}

TEST(Histogram, ErrorIsWithinTheBoundAtEveryNanosecondOfTheFirstOctaves) {
  auto histogram = std::make_unique<Histogram>();
  for (int64_t ns = 1000; ns < 5000; ns++) {
    *histogram = {};
    histogram->record(1us);
    histogram->record(Duration(ns));
    histogram->record(1h);
    ASSERT_LE(relative_error(histogram->quantile(0.5), Duration(ns)),
              kErrorMost)
        << ns;
  }
}

TEST(Histogram, ValuesOutsideAreClamped) {
  const struct {
    Duration recorded, read;
  } rows[] = {
      {-5s, 1us},
      {0ns, 1us},
      {999ns, 1us},
      {1us, 1us},
      {std::chrono::hours(1), std::chrono::hours(1)},
      {std::chrono::hours(1) + 1ns, std::chrono::hours(1)},
      {Duration::max(), std::chrono::hours(1)},
  };
  for (const auto& row : rows) {
    Histogram histogram;
    histogram.record(row.recorded);
    EXPECT_EQ(histogram.min(), row.read);
    EXPECT_EQ(histogram.max(), row.read);
    EXPECT_EQ(histogram.mean(), row.read);
    EXPECT_EQ(histogram.quantile(1), row.read);
    EXPECT_EQ(histogram.count(), 1u);
  }
}

TEST(Histogram, QuantilesAgreeWithASortedVector) {
  std::vector<Duration> values = random_values(100'000, 1);
  auto histogram = std::make_unique<Histogram>();
  for (Duration value : values) histogram->record(value);
  std::ranges::sort(values);

  EXPECT_EQ(histogram->count(), values.size());
  EXPECT_EQ(histogram->min(), values.front());
  EXPECT_EQ(histogram->max(), values.back());
  for (double fraction :
       {0.0, 0.0001, 0.01, 0.25, 0.5, 0.9, 0.99, 0.999, 0.9999, 0.99999, 1.0})
    EXPECT_LE(relative_error(histogram->quantile(fraction),
                             exact_quantile(values, fraction)),
              kErrorMost)
        << fraction;
}

TEST(Histogram, QuantileOfFewIsOneOfThem) {
  auto histogram = std::make_unique<Histogram>();
  for (int ms : {1, 10, 100, 1000}) histogram->record(Duration(1ms) * ms);
  const struct {
    double fraction;
    Duration wanted;
  } rows[] = {{-1, 1ms},     {0, 1ms},   {0.25, 1ms}, {0.26, 10ms}, {0.5, 10ms},
              {0.75, 100ms}, {0.76, 1s}, {1, 1s},     {2, 1s}};
  for (const auto& row : rows)
    EXPECT_LE(relative_error(histogram->quantile(row.fraction), row.wanted),
              kErrorMost)
        << row.fraction;
}

TEST(Histogram, MeanIsExact) {
  auto histogram = std::make_unique<Histogram>();
  int64_t sum = 0;
  const std::vector<Duration> values = random_values(1000, 2);
  for (Duration value : values) {
    histogram->record(value);
    sum += value.count();
  }
  EXPECT_EQ(histogram->mean(), Duration(sum / 1000));
}

TEST(Histogram, MergedIsAsIfAllHadBeenRecordedInOne) {
  auto whole = std::make_unique<Histogram>();
  auto merged = std::make_unique<Histogram>();
  for (unsigned seed = 1; seed <= 3; seed++) {
    auto part = std::make_unique<Histogram>();
    for (Duration value : random_values(10'000, seed)) {
      whole->record(value);
      part->record(value);
    }
    merged->merge(*part);
  }
  merged->merge(*std::make_unique<Histogram>());  // an empty one: no effect

  EXPECT_EQ(merged->count(), whole->count());
  EXPECT_EQ(merged->min(), whole->min());
  EXPECT_EQ(merged->max(), whole->max());
  EXPECT_EQ(merged->mean(), whole->mean());
  for (int i = 0; i <= 1000; i++)
    EXPECT_EQ(merged->quantile(i / 1000.0), whole->quantile(i / 1000.0));
}

// 0.07 * 100 is more than 7 in a double, 99.9 / 100 * 1000 more than 999.
TEST(Histogram, RanksAreNotRoundedUp) {
  Histogram histogram;
  for (int ms = 1; ms <= 100; ms++) histogram.record(Duration(1ms) * ms);
  for (uint64_t percent = 1; percent <= 100; percent++)
    EXPECT_EQ(histogram.rank_of(static_cast<double>(percent) / 100), percent);
  EXPECT_EQ(histogram.rank_of(0), 1u);
  EXPECT_EQ(histogram.rank_of(0.071), 8u);
  for (int i = 0; i < 9; i++) histogram.merge(Histogram(histogram));
  EXPECT_EQ(histogram.rank_of(99.9 / 100), histogram.count() * 999 / 1000 + 1);
}

TEST(Histogram, CountsAbove) {
  Histogram histogram;
  EXPECT_EQ(histogram.count_above(1us), 0u);
  for (int ms = 1; ms <= 10; ms++) histogram.record(Duration(1ms) * ms);
  EXPECT_EQ(histogram.count_above(0ns), 10u);
  EXPECT_EQ(histogram.count_above(3ms), 7u);
  EXPECT_EQ(histogram.count_above(10ms), 0u);
  EXPECT_EQ(histogram.count_above(1h), 0u);
}

}  // namespace
}  // namespace molotov::metrics
