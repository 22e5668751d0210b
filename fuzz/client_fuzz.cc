// A client and a server that sends whatever it likes, then closes: the exchange
// ends, and comes to the same when the bytes come in pieces. Over a socket of
// loopback, through all of connection and exchange; a connection that was
// upgraded is read on as a WebSocket.
//
// Input: one byte of options (bits 0 HEAD, 1 a body is sent, 2 redirects are
// followed, 3 through a proxy that is asked for a tunnel), one that sets the
// size of the pieces, then what the server sends on each connection.
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <functional>
#include <list>
#include <memory>
#include <string>

#include "base/check.h"
#include "base/fd.h"
#include "http/client.h"
#include "http/websocket.h"
#include "net/resolver.h"

namespace molotov::http {
namespace {

constexpr uint64_t kMessageBytesMax = 1 << 16;
constexpr uint8_t kHead = 1, kBody = 2, kFollows = 4, kTunnel = 8;

// Sends the same on each connection, in pieces, and closes.
class Server {
 public:
  Server() : listener_(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* const any = reinterpret_cast<sockaddr*>(&address);
    CHECK(bind(listener_.get(), any, size) == 0);
    CHECK(listen(listener_.get(), 64) == 0);
    CHECK(getsockname(listener_.get(), any, &size) == 0);
    port_ = ntohs(address.sin_port);
  }

  uint16_t port() const { return port_; }

  void begin(std::string_view bytes, size_t piece_bytes) {
    bytes_ = bytes;
    piece_bytes_ = piece_bytes;
    peers_.clear();
  }

  // Returns whether there is more to be done at once.
  bool turn() {
    while (Fd fd{accept4(listener_.get(), nullptr, nullptr, SOCK_NONBLOCK)}) {
      // So that no port is kept from later runs.
      const linger at_once{.l_onoff = 1, .l_linger = 0};
      setsockopt(fd.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
      peers_.push_back({std::move(fd), bytes_});
    }
    bool busy = false;
    for (auto peer = peers_.begin(); peer != peers_.end();) {
      busy |= send_to(*peer);
      peer = is_gone(*peer) ? peers_.erase(peer) : std::next(peer);
    }
    return busy;
  }

 private:
  struct Peer {
    Fd fd;
    std::string_view left;
    bool ended = false;
  };

  bool send_to(Peer& peer) {
    if (peer.left.empty()) {
      if (!std::exchange(peer.ended, true)) shutdown(peer.fd.get(), SHUT_WR);
      return false;
    }
    const std::string_view piece = peer.left.substr(0, piece_bytes_);
    const ssize_t sent =
        send(peer.fd.get(), piece.data(), piece.size(), MSG_NOSIGNAL);
    peer.left.remove_prefix(sent < 0 ? 0 : static_cast<size_t>(sent));
    return sent > 0;
  }

  static bool is_gone(Peer& peer) {
    char bytes[4096];
    ssize_t got;
    while ((got = recv(peer.fd.get(), bytes, sizeof bytes, 0)) > 0) {
    }
    return got == 0 || errno != EAGAIN;
  }

  Fd listener_;
  uint16_t port_ = 0;
  std::string_view bytes_;
  size_t piece_bytes_ = 0;
  std::list<Peer> peers_;
};

class NoNames final : public net::Resolver {
 public:
  io::Task<Result<net::Resolved>> resolve(std::string host, uint16_t) override {
    co_return fail(ErrorCode::dns_not_found, host);
  }
};

// What came of an exchange.
struct Outcome {
  int status = 0;
  bool ok = false;
  std::string head;
  std::string body;
  std::string messages;  // of a WebSocket
};

class Listener final : public ExchangeListener, public WebSocketListener {
 public:
  int heads = 0;
  int failures = 0;
  std::string body;

  void on_head(Exchange& exchange) override {
    CHECK(++heads == 1 && exchange.has_head());
  }
  void on_progress(Exchange& exchange) override {
    CHECK(heads == 1);
    const size_t there = exchange.body().size();
    body += exchange.body();
    if (there > 0) exchange.consume_body(there);
  }
  void on_failed(Exchange& exchange) override {
    CHECK(heads == 0 && ++failures == 1);
    CHECK(exchange.error().code != ErrorCode::none);
  }
  void on_readable() override {}
  void on_written() override {}
};

std::string read_messages(WebSocket& websocket,
                          const std::function<void()>& turn) {
  std::string messages;
  for (;;) {
    WebSocketMessage message;
    switch (websocket.read(message)) {
      case WebSocket::Read::message:
        messages += std::to_string(static_cast<int>(message.opcode));
        messages += message.payload;
        messages += '|';
        break;
      case WebSocket::Read::nothing:
        turn();
        break;
      case WebSocket::Read::failed:
        return messages + websocket.failure().what;
      default:
        return messages;
    }
  }
}

Outcome exchange_with(Server& server, uint8_t flags, std::string_view bytes,
                      size_t piece_bytes) {
  server.begin(bytes, piece_bytes);
  const auto loop = std::move(*io::EpollLoop::create());
  NoNames names;
  // Whatever an answer redirects to is this server again.
  net::Connector connector(*loop, names,
                           {{.from = {}, .to = {"127.0.0.1", server.port()}}});
  Context context(*loop, connector, net::TlsClientOptions{.verify = false});
  Client client(context, nullptr);
  const auto turn = [&] {
    const bool busy = server.turn();
    loop->turn(busy ? Duration(0) : Duration(1ms));
  };

  Route route;
  if (flags & kTunnel)
    route.proxy = *context.intern({.address = {"proxy.test", 80}}, false);
  const char* const url =
      flags & kTunnel ? "https://a.test/" : "http://a.test/";
  const Security unverified{.verify = false};
  const Target target =
      *context.make_target(*parse_url(url), unverified, route);
  RequestParts parts{.method = flags & kHead ? "HEAD" : "GET",
                     .target = &target};
  if (flags & kBody) parts.body = "body";
  Listener listener;
  Exchange& exchange =
      client.start(parts,
                   {.timeout = {.total = 0s, .sock_connect = 0s},
                    .follow_redirects = (flags & kFollows) != 0,
                    .security = &unverified},
                   &listener);
  while (!exchange.done() && !exchange.failed()) turn();

  CHECK(exchange.history().size() <= 10);
  CHECK(listener.heads + listener.failures == 1);
  Outcome outcome;
  outcome.status = exchange.status();
  outcome.ok = exchange.done();
  if (outcome.ok) {
    outcome.head = exchange.head();
    outcome.body = listener.body;
    CHECK(exchange.fields().status == exchange.status());
  }
  if (exchange.is_upgraded()) {
    WebSocket websocket(
        context, exchange.take_upgraded(),
        {.reader = {.inflates = true, .message_bytes_max = kMessageBytesMax}},
        listener);
    outcome.messages = read_messages(websocket, turn);
  }
  exchange.release();
  client.pool().close_idle();
  loop->turn(Duration(0));
  return outcome;
}

void run(std::string_view input) {
  if (input.size() < 2 || input.size() > 1 << 12) return;
  static Server server;
  const auto flags = static_cast<uint8_t>(input[0]);
  const size_t piece_bytes = 1 + static_cast<uint8_t>(input[1]);
  const std::string_view bytes = input.substr(2);
  const Outcome whole = exchange_with(server, flags, bytes, bytes.size() + 1);
  const Outcome pieces = exchange_with(server, flags, bytes, piece_bytes);
  // Whether a kept connection has more bytes than its answer is a matter of
  // when they come.
  if (flags & kFollows) return;
  CHECK(whole.ok == pieces.ok && whole.status == pieces.status);
  CHECK(whole.head == pieces.head && whole.body == pieces.body);
  CHECK(whole.messages == pieces.messages);
}

}  // namespace
}  // namespace molotov::http

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  molotov::http::run({reinterpret_cast<const char*>(data), size});
  return 0;
}
