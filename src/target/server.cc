#include "target/server.h"

#include <ctime>
#include <utility>

#include "net/stamp.h"
#include "net/tls_stream.h"

namespace molotov::target {

namespace {

template <typename T>
void destroy_all(IntrusiveList<T>& list) {
  while (T* element = list.pop_front()) std::unique_ptr<T>(element).reset();
}

}  // namespace

Result<std::unique_ptr<Server>> Server::create(io::EpollLoop& loop,
                                               Fd listening,
                                               const net::TlsContext* tls,
                                               const Share& share,
                                               uint64_t seed) {
  // Of clients too whose first request is there before they are accepted.
  net::enable_receive_stamps(listening.get());
  std::unique_ptr<Server> server(new Server(loop, tls, share, seed));
  auto listener = net::Listener::create(loop, std::move(listening), *server);
  if (!listener) return std::unexpected(std::move(listener.error()));
  server->listener_ = std::move(*listener);
  return server;
}

Server::Server(io::EpollLoop& loop, const net::TlsContext* tls,
               const Share& share, uint64_t seed)
    : loop_(loop),
      tls_(tls),
      share_(share),
      routes_(share.counters, share.truth, seed) {}

Server::~Server() {
  listener_.reset();
  destroy_all(handshakes_);
  destroy_all(ended_);
  destroy_all(connections_);
}

void Server::on_accept(Fd socket) {
  // Fails where the kernel is out of memory; the client sees a close.
  auto stream = net::TcpStream::adopt(loop_, std::move(socket));
  if (!stream) return;
  if (!tls_) return serve(std::move(*stream));
  Handshake& handshake = *std::make_unique<Handshake>().release();
  handshakes_.push_back(handshake);
  handshake.task = shake_hands(handshake, std::move(*stream));
  handshake.task.start();
}

io::Task<> Server::shake_hands(Handshake& self,
                               std::unique_ptr<net::TcpStream> transport) {
  auto stream =
      co_await net::tls_handshake(loop_, std::move(transport), *tls_,
                                  net::TlsRole::server, std::string(), 0);
  // A client that does not like our certificate is its own affair.
  if (stream) serve(std::move(*stream));
  // This coroutine cannot destroy itself.
  self.unlink();
  ended_.push_back(self);
  loop_.post(*this);
}

void Server::on_turn() {
  destroy_all(ended_);
}

void Server::serve(std::unique_ptr<net::Stream> stream) {
  connection_count_++;
  connections_.push_back(
      *std::make_unique<Connection>(*this, std::move(stream)).release());
}

void Server::drop(Connection& connection) {
  connection_count_--;
  std::unique_ptr<Connection>(&connection).reset();
}

void Server::refresh_date() {
  const WallInstant wall = WallClock::now();
  const auto second = std::chrono::floor<std::chrono::seconds>(wall);
  const time_t seconds = second.time_since_epoch().count();
  tm parts;
  gmtime_r(&seconds, &parts);
  char text[64];
  const size_t length =
      strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &parts);
  routes_.set_date({text, length});
  next_date_ = loop_.now() + (second + 1s - wall);
}

}  // namespace molotov::target
