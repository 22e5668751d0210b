#include "session/statsd.h"

#include <fmt/format.h>

#include <iterator>
#include <utility>

#include "session/metric_name.h"

namespace molotov::session {

namespace {

// How long the end of a run waits for a kernel that takes no more.
constexpr Duration kPatience = 200ms;

}  // namespace

Statsd::Statsd(io::Loop& loop, std::string_view hostname,
               net::DatagramSender::OnLoss on_loss,
               std::function<void()> on_full)
    : sender_(loop, std::move(on_loss)),
      on_full_(std::move(on_full)),
      datagram_("molotov.") {
  append_name_part(hostname, datagram_);
  datagram_ += '.';
  prefix_bytes_ = datagram_.size();
}

void Statsd::close() {
  sender_.close(kPatience);
}

void Statsd::on_answer(const http::Exchange& exchange) {
  if (!is_open()) return;
  const auto took = std::chrono::floor<std::chrono::milliseconds>(
      exchange.timings().last_byte.read_at - exchange.started());
  begin_name(exchange);
  const size_t name_bytes = datagram_.size();
  fmt::format_to(std::back_inserter(datagram_), ":{}|ms", took.count());
  sender_.send_in_any_order(datagram_);
  datagram_.resize(name_bytes);
  fmt::format_to(std::back_inserter(datagram_), ".{}:1|c", exchange.status());
  sender_.send_in_any_order(datagram_);
}

void Statsd::on_request_done(const http::Exchange& exchange,
                             const Error* error) {
  if (!error || error->code == ErrorCode::cancelled || !is_open()) return;
  begin_name(exchange);
  datagram_ += ".error:1|c";
  sender_.send(datagram_);
}

void Statsd::send_runs(std::string_view scenario, std::string_view ending,
                       uint64_t runs) {
  datagram_.resize(prefix_bytes_);
  datagram_ += "scenario.";
  append_name_part(scenario, datagram_);
  fmt::format_to(std::back_inserter(datagram_), ".{}:{}|c", ending, runs);
  sender_.send(datagram_);
}

// The datagram becomes the request's name.
void Statsd::begin_name(const http::Exchange& exchange) {
  datagram_.resize(prefix_bytes_);
  if (exchange.history().empty()) {
    append_name(exchange.method(), exchange.url());
  } else {
    const http::Hop& first = exchange.history().front();
    if (const auto url = http::parse_url(first.url))
      append_name(first.method, *url);
  }
  bound_name();
}

void Statsd::bound_name() {
  if (datagram_ == last_name_) return;
  if (!names_.contains(std::string_view(datagram_))) {
    if (names_.size() == kNamesMost) {
      datagram_.resize(prefix_bytes_);
      datagram_ += "other";
      if (on_full_) std::exchange(on_full_, nullptr)();
      return;
    }
    names_.insert(datagram_);
  }
  last_name_ = datagram_;
}

void Statsd::append_name(std::string_view method, const http::Url& url) {
  append_name_part(method, datagram_);
  datagram_ += '.';
  append_name_part(url.host, datagram_);
  datagram_ += '.';
  append_path_part(url.path(), datagram_);
}

}  // namespace molotov::session
