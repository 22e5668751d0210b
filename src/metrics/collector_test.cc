// Aim: whatever is counted, whenever somebody looks and however the process
// ends, the intervals add up to it.
#include "metrics/collector.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <random>
#include <thread>

#include "metrics/run_data.h"

namespace molotov::metrics {
namespace {

class CollectorTest : public testing::Test {
 protected:
  CollectorTest() { board_->part(0).set_phase(Phase::running); }

  void look() { data_.add(collector_.collect(MonotonicClock::now())); }
  const Series& of(SeriesKind kind, const std::string& name) {
    return data_.series().at({.kind = kind, .name = name});
  }

  std::unique_ptr<Board> board_ = std::move(*Board::create(2, 10));
  SeriesWriter writer_{board_->series(0)};
  Collector collector_{*board_};
  RunData data_;
};

TEST_F(CollectorTest, NothingBeforeTheLoadBegins) {
  const auto idle = std::move(*Board::create(1));
  EXPECT_TRUE(Collector(*idle).collect(MonotonicClock::now()).empty());
}

TEST_F(CollectorTest, IntervalsFollowOneAnother) {
  const Instant began = board_->part(0).since(Phase::running);
  const Instant second = began + 1s;
  auto intervals = collector_.collect(second);
  ASSERT_EQ(intervals.size(), 2u);
  EXPECT_EQ(intervals[1].process, 1u);
  EXPECT_EQ(intervals[0].from, began);
  EXPECT_EQ(intervals[0].to, second);
  EXPECT_TRUE(intervals[0].series.empty());
  EXPECT_EQ(collector_.collect(second + 1s)[0].from, second);
  // The load is over: what comes then is not of it.
  board_->part(0).set_phase(Phase::ending);
  board_->part(1).set_phase(Phase::ending);
  EXPECT_TRUE(collector_.collect(second + 1h).empty());
  // But for what it had counted.
  writer_.find(SeriesKind::endpoint, "a").add(Figure::answered);
  EXPECT_EQ(collector_.collect(second + 1h)[0].to, second + 1s);
}

TEST_F(CollectorTest, OnlyWhatChangedIsInAnInterval) {
  SeriesRow& row = writer_.find(SeriesKind::endpoint, "a");
  writer_.find(SeriesKind::endpoint, "b").add(Figure::answered);
  row.add(Figure::answered, 3);
  row.add_status(200);
  row.record(Measure::server, 1ms);
  EXPECT_EQ(collector_.collect(MonotonicClock::now())[0].series.size(), 2u);
  EXPECT_TRUE(collector_.collect(MonotonicClock::now())[0].series.empty());
  row.record(Measure::server, 1ms);
  row.record(Measure::server, 2ms);
  const auto intervals = collector_.collect(MonotonicClock::now());
  ASSERT_EQ(intervals[0].series.size(), 1u);
  const SeriesChange& change = intervals[0].series[0];
  EXPECT_EQ(change.key->name, "a");
  EXPECT_TRUE(change.figures.empty());
  ASSERT_EQ(change.measures.size(), 1u);
  EXPECT_EQ(change.measures[0].sum_ns, 3'000'000u);
  EXPECT_EQ(change.measures[0].buckets.size(), 2u);
}

TEST_F(CollectorTest, ValuesOfAllProcessesAndLooksAreAddedUp) {
  SeriesWriter other(board_->series(1));
  writer_.find(SeriesKind::value, "basket", "EUR").record_value(12.5);
  other.find(SeriesKind::value, "basket", "EUR").record_value(-4);
  look();
  look();
  writer_.find(SeriesKind::value, "basket", "EUR").record_value(1e12);
  look();
  const ValueHistogram& values =
      data_.series()
          .at({.kind = SeriesKind::value, .name = "basket", .unit = "EUR"})
          .values;
  EXPECT_EQ(values.count(), 3u);
  EXPECT_EQ(values.sum(), 1e12 + 8.5);
  EXPECT_EQ(values.min(), -4);
  EXPECT_EQ(values.max(), 1e12);
  EXPECT_NEAR(values.quantile(0.6), 12.5, 0.05);
}

TEST_F(CollectorTest, AllProcessesAreAddedUp) {
  SeriesWriter other(board_->series(1));
  for (SeriesWriter* writer : {&writer_, &other}) {
    SeriesRow& row = writer->find(SeriesKind::endpoint, "a");
    row.add(Figure::answered);
    row.add_status(writer == &other ? 500 : 200);
    row.record(Measure::response, writer == &other ? 5ms : 1ms);
  }
  look();
  const Series& found = of(SeriesKind::endpoint, "a");
  EXPECT_EQ(found.requests(), 2u);
  EXPECT_EQ(found.http_errors(), 1u);
  EXPECT_EQ(found.get(Measure::response).min(), 1ms);
  EXPECT_EQ(found.get(Measure::response).max(), 5ms);
}

TEST_F(CollectorTest, CountsOfABucketMayWrapRound) {
  SeriesRow& row = writer_.find(SeriesKind::endpoint, "a");
  row.record(Measure::server, 1ms);
  look();
  BucketCell& cell =
      row.buckets[static_cast<size_t>(Measure::server)][bucket_of(1ms)];
  cell.store(UINT32_MAX);
  row.record(Measure::server, 1ms);
  EXPECT_EQ(cell.load(), 0u);
  look();
  EXPECT_EQ(of(SeriesKind::endpoint, "a").get(Measure::server).count(),
            uint64_t{1} << 32);
}

TEST_F(CollectorTest, ManyStatusesAreCountedByTheirClass) {
  SeriesRow& row = writer_.find(SeriesKind::endpoint, "a");
  for (int status = 400; status < 420; status++) row.add_status(status);
  row.add_status(503);
  row.add_status(403);
  look();
  const Series& found = of(SeriesKind::endpoint, "a");
  EXPECT_EQ(found.statuses.at(403), 2u);
  EXPECT_EQ(found.statuses.at(4), 4u);
  EXPECT_EQ(found.statuses.at(5), 1u);
  EXPECT_EQ(found.http_errors(), 22u);
}

TEST_F(CollectorTest, WhatHasNoNameLeftIsCountedTogether) {
  for (int i = 0; i < 100; i++) {
    writer_.find(SeriesKind::endpoint, std::to_string(i)).add(Figure::answered);
    writer_.find(SeriesKind::step, std::to_string(i)).add(Figure::succeeded);
  }
  look();
  EXPECT_EQ(data_.all_requests().requests(), 100u);
  EXPECT_EQ(of(SeriesKind::endpoint, "4").requests(), 1u);
  EXPECT_EQ(of(SeriesKind::endpoint, "(other)").requests(), 95u);
  EXPECT_EQ(of(SeriesKind::step, "(other)").get(Figure::succeeded), 95u);
}

TEST_F(CollectorTest, LongNamesAreCutAndStillFound) {
  const std::string name(1000, 'x');
  SeriesRow& row = writer_.find(SeriesKind::endpoint, name);
  EXPECT_EQ(&row, &writer_.find(SeriesKind::endpoint, name));
  EXPECT_NE(&row, &writer_.find(SeriesKind::step, name));
}

TEST_F(CollectorTest, UnitsAreKept) {
  writer_.find(SeriesKind::value, "basket", "EUR").add(Figure::amount);
  look();
  EXPECT_EQ(data_.series().begin()->first,
            (SeriesKey{SeriesKind::value, "basket", "EUR"}));
}

// Looks all the time while another thread counts, then once more.
TEST_F(CollectorTest, NothingIsLostWhileItIsCounted) {
  constexpr int kRequests = 200'000;
  std::atomic<bool> done = false;
  std::jthread counting([&] {
    std::mt19937 random(1);
    for (int i = 0; i < kRequests; i++) {
      SeriesRow& row = writer_.find(SeriesKind::endpoint,
                                    random() % 2 == 0 ? "even" : "odd");
      row.add(Figure::answered);
      row.add_status(200);
      row.record(Measure::server, Duration(1000 + random() % 10'000'000));
    }
    done = true;
  });
  while (!done) look();
  counting.join();
  look();
  const Series all = data_.all_requests();
  EXPECT_EQ(all.requests(), kRequests);
  EXPECT_EQ(all.statuses.at(200), kRequests);
  EXPECT_EQ(all.get(Measure::server).count(), kRequests);
}

TEST_F(CollectorTest, WhatADeadProcessHadCountedIsRead) {
  const pid_t child = fork();
  if (child == 0) {
    SeriesWriter writer(board_->series(1));
    SeriesRow& row = writer.find(SeriesKind::endpoint, "a");
    row.add(Figure::answered);
    row.record(Measure::server, 7ms);
    raise(SIGKILL);
  }
  ASSERT_EQ(waitpid(child, nullptr, 0), child);
  look();
  EXPECT_EQ(of(SeriesKind::endpoint, "a").get(Measure::server).max(), 7ms);
}

}  // namespace
}  // namespace molotov::metrics
