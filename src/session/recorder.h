// Where requests, their timings and the figures meet: every request on the wire
// that has ended is counted here, in this process' part of the board and under
// its endpoint.
#pragma once

#include <array>
#include <string>

#include "http/client.h"
#include "metrics/board.h"
#include "metrics/series.h"

namespace molotov::session {

class Recorder final : public http::ExchangeObserver {
 public:
  // Both are borrowed, and written by no other process.
  Recorder(metrics::ProcessPart& part, metrics::SeriesWriter& series)
      : part_(part), series_(series) {}

  void on_request_done(const http::Exchange& exchange,
                       const Error* error) override;

 private:
  bool in_warm_up(const http::Exchange& exchange) const;

  // An endpoint as it was asked for: folding its path takes longer than
  // counting.
  struct Known {
    std::string method;
    std::string host;
    uint16_t port = 0;
    std::string path;
    metrics::SeriesRow* row = nullptr;
  };

  metrics::SeriesRow& row_of(const http::Exchange& exchange);
  metrics::SeriesRow& row_named(std::string_view name);
  metrics::SeriesRow& find(const http::Exchange& exchange);
  void record_answer(metrics::SeriesRow& row, const http::Exchange& exchange);
  void record_timings(metrics::SeriesRow& row, const http::Exchange& exchange);

  metrics::ProcessPart& part_;
  metrics::SeriesWriter& series_;
  std::array<Known, 256> known_;
  std::string name_;
};

}  // namespace molotov::session
