#include "session/statsd.h"

#include <fmt/format.h>

#include <iterator>

#include "session/metric_name.h"

namespace molotov::session {

namespace {

// How long the end of a run waits for a kernel that takes no more.
constexpr Duration kPatience = 200ms;

}  // namespace

Statsd::Statsd(io::Loop& loop, std::string_view hostname,
               net::DatagramSender::OnLoss on_loss)
    : sender_(loop, std::move(on_loss)), datagram_("molotov.") {
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
  datagram_.resize(prefix_bytes_);
  if (exchange.history().empty()) {
    append_name(exchange.method(), exchange.url());
  } else {
    const http::Hop& first = exchange.history().front();
    if (const auto url = http::parse_url(first.url))
      append_name(first.method, *url);
  }
  const size_t name_bytes = datagram_.size();
  fmt::format_to(std::back_inserter(datagram_), ":{}|ms", took.count());
  sender_.send(datagram_);
  datagram_.resize(name_bytes);
  fmt::format_to(std::back_inserter(datagram_), ".{}:1|c", exchange.status());
  sender_.send(datagram_);
}

void Statsd::append_name(std::string_view method, const http::Url& url) {
  append_name_part(method, datagram_);
  datagram_ += '.';
  append_name_part(url.host, datagram_);
  datagram_ += '.';
  append_path_part(url.path(), datagram_);
}

}  // namespace molotov::session
