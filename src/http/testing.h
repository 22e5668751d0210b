// What the client's tests share: a client on the test's own loop, a listening
// socket whose connections the test plays by hand, byte by byte, and a listener
// that writes down what it is told. Included by tests only.
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "http/client.h"
#include "net/resolver.h"
#include "net/testing.h"

namespace molotov::http {

// Knows no name, and says so at once.
class EmptyResolver final : public net::Resolver {
 public:
  io::Task<Result<net::Resolved>> resolve(std::string host, uint16_t) override {
    co_return fail(ErrorCode::dns_not_found, host);
  }
};

// The server's end of a connection, non-blocking.
class Peer {
 public:
  explicit Peer(Fd fd) : fd_(std::move(fd)) {}

  // All of it; it must fit in the socket's buffer.
  void send(std::string_view bytes) {
    EXPECT_EQ(send_some(bytes), bytes.size());
  }
  // Returns how much the kernel took.
  size_t send_some(std::string_view bytes) {
    const ssize_t sent =
        ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    return sent < 0 ? 0 : static_cast<size_t>(sent);
  }
  // Takes what is there into `received`.
  void receive() {
    char bytes[65536];
    ssize_t got;
    while ((got = recv(fd_.get(), bytes, sizeof bytes, 0)) > 0)
      received.append(bytes, static_cast<size_t>(got));
    closed |= got == 0 || (got < 0 && errno == ECONNRESET);
  }
  void end_sending() { ::shutdown(fd_.get(), SHUT_WR); }
  void close() { fd_ = Fd(); }
  void reset() { net::reset_peer(std::move(fd_)); }

  std::string received;
  bool closed = false;  // by the client

 private:
  Fd fd_;
};

// A body of pieces, which the test adds.
class PieceSource final : public BodySource {
 public:
  explicit PieceSource(std::deque<std::string> pieces,
                       std::optional<uint64_t> size = {})
      : pieces_(std::move(pieces)), size_(size) {}

  void add(std::string piece) { pieces_.push_back(std::move(piece)); }
  void end() { ended_ = true; }
  void fail() { failed_ = true; }
  void allow_rewind() { rewinds_ = true; }
  size_t taken() const { return taken_; }

  std::optional<uint64_t> size() const override { return size_; }
  Result<Next> fill(Buffer& out) override {
    if (failed_) return molotov::fail(ErrorCode::system, "no such piece");
    if (taken_ < pieces_.size()) {
      out.append(pieces_[taken_++]);
      return Next::more;
    }
    return ended_ ? Next::end : Next::wait;
  }
  bool rewind() override {
    taken_ = 0;
    return rewinds_;
  }

 private:
  std::deque<std::string> pieces_;
  std::optional<uint64_t> size_;
  size_t taken_ = 0;
  bool ended_ = false;
  bool failed_ = false;
  bool rewinds_ = false;
};

// Writes down what became of one exchange.
class Call final : public ExchangeListener {
 public:
  ~Call() { release(); }

  Exchange& operator*() { return *exchange; }
  Exchange* operator->() { return exchange; }
  bool ended() const { return exchange->done() || exchange->failed(); }
  ErrorCode code() const { return exchange->error().code; }
  const std::string& detail() const { return exchange->error().detail; }
  void release() {
    if (exchange) std::exchange(exchange, nullptr)->release();
  }

  Exchange* exchange = nullptr;
  int heads = 0;
  int progresses = 0;
  int failures = 0;
  int readies = 0;
  int places = 0;
  std::string taken;       // where takes_all
  bool takes_all = false;  // consumes each piece when it is told of it

 private:
  void on_head(Exchange&) override { heads++; }
  void on_progress(Exchange& from) override {
    progresses++;
    if (!takes_all || from.body().empty()) return;
    const size_t there = from.body().size();
    taken += from.body();
    from.consume_body(there);
  }
  void on_failed(Exchange&) override { failures++; }
  void on_ready_to_send(Exchange&) override { readies++; }
  void on_placed(Exchange&) override { places++; }
};

struct Seen {
  int status;
  ErrorCode code;
  Instant intended;
  Timings timings;
  uint64_t bytes_sent, bytes_received;
};

class ClientTest : public net::LoopTest, private ExchangeObserver {
 protected:
  ClientTest()
      : resolver_(std::make_unique<EmptyResolver>()),
        connector_(*loop_, *resolver_),
        context_(std::make_unique<Context>(*loop_, connector_,
                                           net::TlsClientOptions{})),
        client_(std::make_unique<Client>(*context_,
                                         static_cast<ExchangeObserver*>(this))),
        listener_(listen_on_loopback()) {}

  static Fd listen_on_loopback() {
    Fd fd = net::listening();
    fcntl(fd.get(), F_SETFL, O_NONBLOCK);
    return fd;
  }

  // Turns the loop, looking often; false where patience ran out.
  bool until(const std::function<bool()>& holds) {
    const Instant end = MonotonicClock::now() + net::kPatience;
    while (!holds()) {
      if (MonotonicClock::now() > end) return false;
      loop_->turn(1ms);
    }
    return true;
  }

  std::string url(std::string_view path) {
    return "http://127.0.0.1:" + std::to_string(net::port_of(listener_.get())) +
           std::string(path);
  }
  const Target* target(const std::string& text, const Route& route = {}) {
    targets_.push_back(*context_->make_target(*parse_url(text), {}, route));
    return &targets_.back();
  }

  void start(Call& call, RequestParts parts,
             const ExchangeOptions& options = {}) {
    call.exchange = &client_->start(parts, options, &call);
  }
  void get(Call& call, std::string_view path = "/",
           const ExchangeOptions& options = {}) {
    start(call, {.target = target(url(path))}, options);
  }
  void post(Call& call, std::string_view body,
            const ExchangeOptions& options = {}) {
    start(call, {.method = "POST", .target = target(url("/")), .body = body},
          options);
  }

  Peer accept() { return accept(listener_); }
  Peer accept(const Fd& listener) {
    Fd fd;
    EXPECT_TRUE(until([&] {
      fd = Fd(accept4(listener.get(), nullptr, nullptr,
                      SOCK_CLOEXEC | SOCK_NONBLOCK));
      return bool(fd);
    }));
    return Peer(std::move(fd));
  }
  bool nobody_connects() {
    return !Fd(accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
  }
  // The next request's head; what follows it stays in `received`.
  std::string head_at(Peer& peer) {
    size_t end = 0;
    EXPECT_TRUE(until([&] {
      peer.receive();
      end = peer.received.find("\r\n\r\n");
      return end != std::string::npos;
    })) << peer.received;
    std::string head = peer.received.substr(0, end + 4);
    peer.received.erase(0, head.size());
    return head;
  }
  // Reads a request and answers it.
  std::string serve(Peer& peer, std::string_view answer) {
    std::string head = head_at(peer);
    peer.send(answer);
    return head;
  }
  bool ends(Call& call) {
    return until([&] { return call.ended(); });
  }
  bool closes(Peer& peer) {
    return until([&] {
      peer.receive();
      return peer.closed;
    });
  }
  // Serves one GET on a connection that stays open.
  Peer kept_connection() {
    Call call;
    get(call);
    Peer peer = accept();
    serve(peer, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    EXPECT_TRUE(ends(call));
    EXPECT_TRUE(call->done());
    return peer;
  }

  // The kernel begins to stamp a moment after the first socket asked for it. A
  // connection of another client is kept open, so that it goes on.
  void await_stamps() {
    other_client_ = std::make_unique<Client>(*context_, nullptr);
    std::optional<Peer> peer;
    EXPECT_TRUE(until([&] {
      Call call;
      const RequestParts parts{.target = target(url("/"))};
      call.exchange = &other_client_->start(parts, {}, &call);
      if (!peer) peer.emplace(accept());
      serve(*peer, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
      return ends(call) && call->timings().last_byte.stamped;
    }));
    other_peer_ = std::move(peer);
  }

  std::unique_ptr<net::Resolver> resolver_;
  net::Connector connector_;
  std::unique_ptr<Context> context_;
  std::unique_ptr<Client> client_;
  std::unique_ptr<Client> other_client_;
  std::optional<Peer> other_peer_;
  Fd listener_;
  std::deque<Target> targets_;
  std::vector<Seen> seen_;  // by the observer

 private:
  void on_request_done(const Exchange& exchange, const Error* error) override {
    seen_.push_back({exchange.status(), error ? error->code : ErrorCode::none,
                     exchange.intended(), exchange.timings(),
                     exchange.bytes_sent(), exchange.bytes_received()});
  }
};

}  // namespace molotov::http
