// What a StatsD server is told: of each request that is answered, how long it
// took, and its status; of one that is not, that it failed; of scenarios, how
// their runs ended; and what a script sends of its own.
//
//   molotov.<hostname>.<METHOD>.<host>.<path>:<ms>|ms
//   molotov.<hostname>.<METHOD>.<host>.<path>.<status>:1|c
//   molotov.<hostname>.<METHOD>.<host>.<path>.error:1|c
//   molotov.<hostname>.scenario.<name>.success:<runs>|c and .failure
//
// Method and URL are of the request as it was made, whatever redirects led to;
// the time is from its start to the head of the final answer, in whole ms. What
// was cancelled is not told. Of requests, kNamesMost names are told apart;
// those that come then are told of together, as molotov.<hostname>.other. One
// datagram a metric, one socket a process; on the loop's thread only.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "http/client.h"
#include "net/datagram_sender.h"

namespace molotov::session {

class Statsd final : public http::ExchangeObserver {
 public:
  static constexpr size_t kNamesMost = 1000;

  // `on_loss`: see net::DatagramSender. `on_full` is told when there are no
  // more names, once.
  Statsd(io::Loop& loop, std::string_view hostname,
         net::DatagramSender::OnLoss on_loss, std::function<void()> on_full);

  // See net::DatagramSender.
  Result<> open(std::vector<net::Address> addresses) {
    return sender_.open(std::move(addresses));
  }
  bool is_open() const { return sender_.is_open(); }
  void send(std::string_view datagram) { sender_.send(datagram); }
  void close();
  // So many runs of that scenario ended like that: "success", "failure".
  void send_runs(std::string_view scenario, std::string_view ending,
                 uint64_t runs);

  void on_answer(const http::Exchange& exchange) override;
  void on_request_done(const http::Exchange& exchange,
                       const Error* error) override;

 private:
  struct Hash {
    using is_transparent = void;
    size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>()(text);
    }
  };

  void begin_name(const http::Exchange& exchange);
  void append_name(std::string_view method, const http::Url& url);
  void bound_name();

  net::DatagramSender sender_;
  std::function<void()> on_full_;
  std::unordered_set<std::string, Hash, std::equal_to<>> names_;
  std::string last_name_;  // which is known
  std::string datagram_;   // begins with the prefix of all names
  size_t prefix_bytes_;
};

}  // namespace molotov::session
