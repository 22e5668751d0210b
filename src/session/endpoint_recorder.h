// Counts every request on the wire by its endpoint, in this process' table on
// the board: for the end of a run with -v.
#pragma once

#include <string>

#include "http/client.h"
#include "metrics/endpoints.h"

namespace molotov::session {

class EndpointRecorder final : public http::ExchangeObserver {
 public:
  // `table` is borrowed and has no other writer.
  explicit EndpointRecorder(metrics::EndpointTable& table) : table_(table) {}

  void on_request_done(const http::Exchange& exchange,
                       const Error* error) override;

 private:
  metrics::EndpointTable& table_;
  std::string endpoint_;
};

}  // namespace molotov::session
