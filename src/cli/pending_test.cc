// When it is said that a run still waits for something, and for what.
#include "cli/pending.h"

#include <gtest/gtest.h>

#include <memory>

namespace molotov::cli {
namespace {

using metrics::StopLevel;

class PendingTest : public testing::Test {
 protected:
  PendingTest() {
    for (size_t i : {0u, 1u}) {
      board_->part(i).workers_running.set(2);
      ends_at(i, 60s);
    }
  }
  void ends_at(size_t i, Duration when) {
    board_->part(i).ends_at_ns.set(
        static_cast<uint64_t>((start_ + when).time_since_epoch().count()));
  }
  std::string at(Duration when, bool interrupted = false) {
    return pending_.look(start_ + when, interrupted).value_or("");
  }

  Instant start_{100s};
  Options options_;
  std::unique_ptr<metrics::Board> board_ =
      std::move(*metrics::Board::create(2));
  Pending pending_{options_, *board_};
};

TEST_F(PendingTest, SaidOnceASecondAfterAStop) {
  EXPECT_EQ(at(5s), "");
  board_->request_stop(StopLevel::graceful);
  EXPECT_EQ(at(6s, true), "");
  EXPECT_EQ(at(6999ms, true), "");
  EXPECT_EQ(at(7s, true),
            "Waiting for 4 workers to finish runs in progress (Ctrl+C again "
            "cancels)");
  EXPECT_EQ(at(8s, true), "");
}

TEST_F(PendingTest, SaidWhenTheDurationOfAllIsOver) {
  ends_at(1, 70s);
  board_->part(0).workers_running.set(1);
  board_->part(1).workers_running.set(0);
  EXPECT_EQ(at(65s), "");
  EXPECT_EQ(at(70s), "");
  EXPECT_EQ(at(72s),
            "Waiting for 1 worker to finish a run in progress (Ctrl+C twice "
            "cancels)");
}

TEST_F(PendingTest, SaysHowLongItMayTake) {
  options_.grace = 90;
  board_->request_stop(StopLevel::graceful);
  at(0s);
  EXPECT_EQ(at(1s),
            "Waiting for 4 workers to finish runs in progress, 90 s at most "
            "(Ctrl+C twice cancels)");
}

TEST_F(PendingTest, NotOfWhatHasNotBegunHasEndedOrIsCancelled) {
  board_->part(1).ends_at_ns.set(0);  // it still starts
  at(100s);
  EXPECT_EQ(at(200s), "");
  // It died: its workers are not waited for.
  board_->part(1).exited.set(1);
  board_->part(0).workers_running.set(0);
  at(300s);
  EXPECT_EQ(at(400s), "");
  board_->part(0).workers_running.set(1);
  board_->request_stop(StopLevel::cancel);
  EXPECT_EQ(at(500s), "");
}

}  // namespace
}  // namespace molotov::cli
