// Seconds of a run, and what is left of them when there are too many.
#include "metrics/run_data.h"

#include <gtest/gtest.h>

namespace molotov::metrics {
namespace {

constexpr Instant kBegin{100s};

// Of the second from `begin` on: so many requests, each of that time.
Interval second(const SeriesKey& key, Instant begin, uint64_t requests,
                Duration took) {
  SeriesChange change;
  change.key = &key;
  change.figures = {{Figure::answered, requests},
                    {figure_of(ErrorKind::timeout), 1}};
  change.statuses = {{500, 1}, {200, requests - 1}};
  change.measures.push_back(
      {.measure = Measure::response,
       .sum_ns = requests * static_cast<uint64_t>(took.count()),
       .min = took,
       .max = took,
       .buckets = {{static_cast<uint16_t>(bucket_of(took)), requests}}});
  return {.process = 0, .from = begin, .to = begin + 1s, .series = {change}};
}

TEST(RunData, EmptyAtFirst) {
  const RunData data;
  EXPECT_EQ(data.duration(), 0s);
  EXPECT_EQ(data.all_requests().requests(), 0u);
}

TEST(RunData, ASecondIsOfAllProcesses) {
  const SeriesKey a{.name = "a"};
  const SeriesKey b{.name = "b"};
  RunData data;
  data.add(std::vector{second(a, kBegin, 5, 1ms), second(b, kBegin, 7, 1ms)});
  data.add(std::vector{second(a, kBegin + 1s, 2, 3ms)});
  ASSERT_EQ(data.timeline().size(), 2u);
  EXPECT_EQ(data.duration(), 2s);
  const TimelinePoint& first = data.timeline().front();
  EXPECT_EQ(first.requests, 14u);  // those that were not answered are some, too
  EXPECT_EQ(first.errors, 2u);
  EXPECT_EQ(first.http_errors, 2u);
  EXPECT_EQ(first.response,
            (BucketCounts{{static_cast<uint16_t>(bucket_of(1ms)), 12}}));
  EXPECT_EQ(data.series().at(a).requests(), 9u);
  EXPECT_EQ(data.series().at(a).get(Measure::response).max(), 3ms);
  EXPECT_EQ(data.all_requests().requests(), 17u);
}

TEST(RunData, OlderSecondsBecomeLonger) {
  constexpr int kSeconds = 100'000;
  const SeriesKey a{.name = "a"};
  RunData data;
  for (int i = 0; i < kSeconds; i++)
    data.add(std::vector{
        second(a, kBegin + i * Duration(1s), 2, Duration(1us) * (i + 1))});
  EXPECT_LE(data.timeline().size(), RunData::kPointsMost);
  EXPECT_GE(data.timeline().size(), RunData::kPointsMost / 2);
  EXPECT_EQ(data.duration(), kSeconds * Duration(1s));
  // No second is missing, none is there twice, and the last is by itself.
  Instant at = kBegin;
  uint64_t requests = 0;
  uint64_t measured = 0;
  for (const TimelinePoint& point : data.timeline()) {
    EXPECT_EQ(point.from, at);
    at = point.to;
    requests += point.requests;
    for (const BucketCount& bucket : point.response) measured += bucket.count;
  }
  EXPECT_EQ(requests, 3u * kSeconds);
  EXPECT_EQ(measured, 2u * kSeconds);
  EXPECT_EQ(data.timeline().back().to - data.timeline().back().from, 1s);
}

}  // namespace
}  // namespace molotov::metrics
