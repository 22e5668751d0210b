// For tests of what is made of a run's data: a run whose figures the test
// counts.
#pragma once

#include <memory>
#include <string_view>

#include "metrics/collector.h"
#include "metrics/run_data.h"

namespace molotov::metrics {

class CountedRun {
 public:
  SeriesRow& row(SeriesKind kind, std::string_view name,
                 std::string_view unit = {}) {
    return writer_.find(kind, name, unit);
  }
  // Runs of a scenario, or passes of a step.
  void timed(SeriesKind kind, std::string_view name, uint64_t times,
             Duration took) {
    for (uint64_t i = 0; i < times; i++) {
      row(kind, name).add(Figure::succeeded);
      row(kind, name).record(Measure::duration, took);
    }
  }
  // Requests to `name`, "GET\thost\t/path", answered with `status` after
  // `took`.
  void answered(std::string_view name, int status, uint64_t requests,
                Duration took) {
    SeriesRow& endpoint = row(SeriesKind::endpoint, name);
    for (uint64_t i = 0; i < requests; i++) {
      endpoint.add(Figure::answered);
      endpoint.add_status(status);
      endpoint.record(Measure::response, took);
      endpoint.record(Measure::server, took / 2);
    }
  }
  void failed(std::string_view name, ErrorKind kind, uint64_t requests = 1) {
    row(SeriesKind::endpoint, name).add(figure_of(kind), requests);
  }

  // All that was counted since the last call, in so long a time.
  const RunData& after(Duration passed) {
    now_ += passed;
    data_.add(collector_.collect(now_));
    return data_;
  }
  Board& board() { return *board_; }

 private:
  static std::unique_ptr<Board> running_board() {
    auto board = std::move(*Board::create(1));
    board->part(0).set_phase(Phase::running);
    return board;
  }

  std::unique_ptr<Board> board_ = running_board();
  SeriesWriter writer_{board_->series(0)};
  Collector collector_{*board_};
  Instant now_ = board_->part(0).since(Phase::running);
  RunData data_;
};

}  // namespace molotov::metrics
