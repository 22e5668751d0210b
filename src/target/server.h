// The built-in server on one loop: what it accepts, it answers by its routes.
#pragma once

#include <array>
#include <memory>
#include <span>

#include "base/fd.h"
#include "base/intrusive_list.h"
#include "http/h1_parser.h"
#include "io/epoll_loop.h"
#include "io/task.h"
#include "net/listener.h"
#include "net/tcp_stream.h"
#include "net/tls_context.h"
#include "target/connection.h"
#include "target/counters.h"
#include "target/routes.h"
#include "target/truth.h"

namespace molotov::target {

// What a server shares with those of the other processes, and which of them it
// is.
struct Share {
  CounterPage& counters;
  Truth& truth;
  size_t process = 0;
};

class Server final : private net::Listener::Acceptor, private io::Work {
 public:
  // Serves what arrives at `listening`, over TLS where `tls` is given, from
  // now until it is destroyed. The same `seed` gives the same random delays.
  // All that is borrowed outlives the server.
  static Result<std::unique_ptr<Server>> create(io::EpollLoop& loop,
                                                Fd listening,
                                                const net::TlsContext* tls,
                                                const Share& share,
                                                uint64_t seed);
  ~Server() override;

  // How many are open.
  size_t connections() const { return connection_count_; }

  // For its connections.
  io::EpollLoop& loop() { return loop_; }
  Counters& counters() { return share_.counters.slot(share_.process); }
  // To be read just before a write: after one, the client may have had the
  // processor first. Costs nothing where no record is kept.
  Instant write_time() const {
    return share_.truth.kept() ? MonotonicClock::now() : Instant();
  }
  // The write at `written` took the last byte of the answer to what came at
  // `arrival`.
  void answered(const net::Arrival& arrival, Instant written) {
    if (share_.truth.kept())
      share_.truth.record(share_.process, arrival, written);
  }
  // With today's date.
  Routes& routes() {
    if (loop_.now() >= next_date_) refresh_date();
    return routes_;
  }
  // Room to read into and a head to parse into: each connection's for as long
  // as a call of the loop to it lasts.
  std::span<char> scratch() { return scratch_; }
  http::RequestHead& head() { return head_; }
  // Destroys it.
  void drop(Connection& connection);

 private:
  // A connection before it is one.
  struct Handshake : ListNode<> {
    io::Task<> task;
  };

  Server(io::EpollLoop& loop, const net::TlsContext* tls, const Share& share,
         uint64_t seed);
  void on_accept(Fd socket) override;
  void on_turn() override;  // destroys the handshakes that have ended
  io::Task<> shake_hands(Handshake& self,
                         std::unique_ptr<net::TcpStream> transport);
  void serve(std::unique_ptr<net::Stream> stream);
  void refresh_date();

  io::EpollLoop& loop_;
  const net::TlsContext* tls_;
  const Share share_;
  Routes routes_;
  Instant next_date_{};
  http::RequestHead head_;
  std::array<char, 65536> scratch_;
  // Owned; in the order of their arrival.
  IntrusiveList<Connection> connections_;
  size_t connection_count_ = 0;
  IntrusiveList<Handshake> handshakes_;
  IntrusiveList<Handshake> ended_;
  std::unique_ptr<net::Listener> listener_;
};

}  // namespace molotov::target
