// Where requests, their timings and the figures meet: every request on the wire
// that has ended is counted here, in this process' part of the board.
#pragma once

#include "http/client.h"
#include "metrics/board.h"

namespace molotov::session {

class Recorder final : public http::ExchangeObserver {
 public:
  // `part` is borrowed and has no other writer.
  explicit Recorder(metrics::ProcessPart& part) : part_(part) {}

  void on_request_done(const http::Exchange& exchange,
                       const Error* error) override;

 private:
  void record_latency(const http::Timings& timings);

  metrics::ProcessPart& part_;
};

}  // namespace molotov::session
