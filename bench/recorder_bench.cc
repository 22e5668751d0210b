// What it costs to count one request that was answered: its endpoint found, its
// figures added, its times put into their histograms.
#include <arpa/inet.h>
#include <benchmark/benchmark.h>
#include <sys/socket.h>

#include <array>
#include <string>
#include <thread>

#include "base/fd.h"
#include "http/client.h"
#include "io/epoll_loop.h"
#include "metrics/board.h"
#include "metrics/series.h"
#include "net/resolver.h"
#include "session/recorder.h"

namespace molotov::session {
namespace {

// Answers one request, and then keeps its connection open.
class Server {
 public:
  Server() : listener_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    auto* any = reinterpret_cast<sockaddr*>(&address);
    socklen_t size = sizeof address;
    if (bind(listener_.get(), any, size) != 0) return;
    if (listen(listener_.get(), 1) != 0) return;
    getsockname(listener_.get(), any, &size);
    port_ = ntohs(address.sin_port);
    serving_ = std::jthread([this] { serve(); });
  }
  uint16_t port() const { return port_; }

 private:
  void serve() {
    peer_ = Fd(accept(listener_.get(), nullptr, nullptr));
    std::array<char, 1024> request;
    const ssize_t got = recv(peer_.get(), request.data(), request.size(), 0);
    constexpr std::string_view kAnswer =
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    if (got > 0)
      send(peer_.get(), kAnswer.data(), kAnswer.size(), MSG_NOSIGNAL);
  }

  Fd listener_;
  Fd peer_;
  uint16_t port_ = 0;
  std::jthread serving_;
};

class NoListener final : public http::ExchangeListener {
  void on_head(http::Exchange&) override {}
  void on_progress(http::Exchange&) override {}
  void on_failed(http::Exchange&) override {}
};

// An exchange that has ended still has all that there is to count.
void count_an_answer(benchmark::State& state) {
  Server server;
  const auto loop = std::move(*io::EpollLoop::create());
  const auto resolver = net::Resolver::create(*loop);
  net::Connector connector(*loop, *resolver);
  http::Context context(*loop, connector, {});
  http::Client client(context, nullptr);
  const auto url = http::parse_url(
      "http://127.0.0.1:" + std::to_string(server.port()) + "/users/42");
  const http::Target target = *context.make_target(*url);
  NoListener listener;
  http::Exchange& exchange = client.start({.target = &target}, {}, &listener);
  exchange.want_all();
  while (!exchange.done() && !exchange.failed()) loop->turn(1s);
  if (!exchange.done()) state.SkipWithError("the exchange failed");

  const auto board = std::move(*metrics::Board::create(1));
  metrics::SeriesWriter series(board->series(0));
  Recorder recorder(board->part(0), series);
  for (auto _ : state) recorder.on_request_done(exchange, nullptr);
  exchange.release();
}
BENCHMARK(count_an_answer);

}  // namespace
}  // namespace molotov::session
