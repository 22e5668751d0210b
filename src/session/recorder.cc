#include "session/recorder.h"

#include <functional>

#include "base/text.h"
#include "session/endpoint_name.h"

namespace molotov::session {

using metrics::Figure;
using metrics::Measure;
using metrics::SeriesRow;

namespace {

// What one read brings beyond this may have come in several segments, of which
// the stamp is that of the last: less than what a segment has room for in an
// Ethernet frame, with the options of TCP.
constexpr size_t kSegmentBytes = 1400;

void record_connection(SeriesRow& row, const http::Timings& timings) {
  if (timings.reused_connection) return row.add(Figure::reused_connections);
  row.add(Figure::new_connections);
  const net::ConnectTimings& phases = timings.connect;
  if (phases.dns) row.record(Measure::dns, *phases.dns);
  if (phases.connect) row.record(Measure::connect, *phases.connect);
  if (phases.tls) row.record(Measure::tls, *phases.tls);
}

}  // namespace

bool Recorder::in_warm_up(const http::Exchange& exchange) const {
  const uint64_t from_ns = part_.measure_from_ns.get();
  return exchange.intended() < Instant(Duration(from_ns));
}

void Recorder::on_request_done(const http::Exchange& exchange,
                               const Error* error) {
  if (in_warm_up(exchange)) return part_.warmup_requests.add();
  const uint64_t sent = exchange.bytes_sent();
  const uint64_t received = exchange.bytes_received();
  part_.requests.add();
  part_.bytes_sent.add(sent);
  part_.bytes_received.add(received);
  SeriesRow& row = row_of(exchange);
  row.add(Figure::bytes_sent, sent);
  row.add(Figure::bytes_received, received);
  if (!error) return record_answer(row, exchange);
  const metrics::ErrorKind kind = metrics::kind_of(error->code);
  part_.errors[static_cast<size_t>(kind)].add();
  row.add(metrics::figure_of(kind));
  row.record(Measure::error, MonotonicClock::now() - exchange.intended());
}

void Recorder::record_answer(SeriesRow& row, const http::Exchange& exchange) {
  if (exchange.status() >= 400) part_.http_errors.add();
  row.add(Figure::answered);
  row.add_status(exchange.status());
  record_connection(row, exchange.timings());
  // An answer whose body was left has no last byte to measure to.
  if (exchange.timings().handled == Instant{}) return row.add(Figure::untimed);
  record_timings(row, exchange);
}

void Recorder::record_timings(SeriesRow& row, const http::Exchange& exchange) {
  const http::Timings& timings = exchange.timings();
  row.record(Measure::response, timings.handled - exchange.intended());
  const net::Arrival& last = timings.last_byte;
  const bool placed =
      last.stamped && last.at >= timings.sent && last.at <= timings.handled;
  if (!placed) {
    part_.unstamped.add();
    row.add(Figure::unstamped);
    row.record(Measure::server, timings.handled - timings.sent);
    return;
  }
  row.record(Measure::server, last.at - timings.sent);
  row.record(Measure::generator_lag, timings.handled - last.at);
  if (timings.first_byte.at < timings.sent) return;
  row.record(Measure::ttfb, timings.first_byte.at - timings.sent);
  if (timings.first_read_bytes > kSegmentBytes) row.add(Figure::ttfb_bounded);
}

SeriesRow& Recorder::row_of(const http::Exchange& exchange) {
  if (!exchange.name().empty()) return row_named(exchange.name());
  const http::Url& url = exchange.url();
  const std::string_view path = url.path();
  const size_t hash = std::hash<std::string_view>()(path) + url.port;
  Known& known = known_[hash % known_.size()];
  const bool found = known.path == path && known.port == url.port &&
                     known.method == exchange.method() &&
                     known.host == url.host && known.row;
  if (!found)
    known = {std::string(exchange.method()), url.host, url.port,
             std::string(path), &find(exchange)};
  return *known.row;
}

// A tab would part it as a method, a host and a path.
SeriesRow& Recorder::row_named(std::string_view name) {
  if (has_controls(name)) {
    name_ = without_controls(name);
    name = name_;
  }
  return series_.find(metrics::SeriesKind::endpoint, name);
}

// Tabs, which none of them has, separate method, host and path.
SeriesRow& Recorder::find(const http::Exchange& exchange) {
  name_ = exchange.method();
  name_ += '\t';
  name_ += exchange.url().authority();
  name_ += '\t';
  append_folded(exchange.url().path(), name_);
  return series_.find(metrics::SeriesKind::endpoint, name_);
}

}  // namespace molotov::session
