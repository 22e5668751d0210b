// What a StatsD server is told: of each request that is answered, how long it
// took, and its status; and what a script sends of its own.
//
//   molotov.<hostname>.<METHOD>.<host>.<path>:<ms>|ms
//   molotov.<hostname>.<METHOD>.<host>.<path>.<status>:1|c
//
// Method and URL are of the request as it was made, whatever redirects led to;
// the time is from its start to the head of the final answer, in whole ms. A
// request that fails sends nothing. One datagram a metric, one socket a
// process; on the loop's thread only.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "http/client.h"
#include "net/datagram_sender.h"

namespace molotov::session {

class Statsd final : public http::ExchangeObserver {
 public:
  // `on_loss`: see net::DatagramSender.
  Statsd(io::Loop& loop, std::string_view hostname,
         net::DatagramSender::OnLoss on_loss);

  // See net::DatagramSender.
  Result<> open(std::vector<net::Address> addresses) {
    return sender_.open(std::move(addresses));
  }
  bool is_open() const { return sender_.is_open(); }
  void send(std::string_view datagram) { sender_.send(datagram); }
  void close();

  void on_answer(const http::Exchange& exchange) override;
  void on_request_done(const http::Exchange&, const Error*) override {}

 private:
  void append_name(std::string_view method, const http::Url& url);

  net::DatagramSender sender_;
  std::string datagram_;  // begins with the prefix of all names
  size_t prefix_bytes_;
};

}  // namespace molotov::session
