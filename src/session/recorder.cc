#include "session/recorder.h"

namespace molotov::session {

void Recorder::on_request_done(const http::Exchange& exchange,
                               const Error* error) {
  part_.requests.add();
  part_.bytes_sent.add(exchange.bytes_sent());
  part_.bytes_received.add(exchange.bytes_received());
  if (error) {
    part_.errors[static_cast<size_t>(metrics::kind_of(error->code))].add();
    return;
  }
  if (exchange.status() >= 400) part_.http_errors.add();
  // An answer whose body was left has no last byte to measure to.
  if (exchange.timings().handled != Instant{})
    record_latency(exchange.timings());
}

// Server time: from just before the request's last byte went to the kernel to
// the kernel's stamp of the answer's last byte.
void Recorder::record_latency(const http::Timings& timings) {
  const net::Arrival& last = timings.last_byte;
  const bool placed =
      last.stamped && last.at >= timings.sent && last.at <= timings.handled;
  if (!placed) part_.unstamped.add();
  part_.latency.record((placed ? last.at : timings.handled) - timings.sent);
}

}  // namespace molotov::session
