#include "session/endpoint_recorder.h"

namespace molotov::session {

void EndpointRecorder::on_request_done(const http::Exchange& exchange,
                                       const Error* error) {
  const http::Url& url = exchange.url();
  endpoint_ = exchange.method();
  endpoint_ += ' ';
  endpoint_ += url.authority();
  endpoint_ += url.path();
  const auto status = static_cast<metrics::Outcome>(exchange.status());
  table_.count(
      endpoint_,
      error ? metrics::failed_outcome(metrics::kind_of(error->code)) : status);
}

}  // namespace molotov::session
