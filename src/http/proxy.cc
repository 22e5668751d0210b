#include "http/proxy.h"

#include <fmt/format.h>

#include <array>
#include <utility>

#include "http/exchange.h"
#include "http/h1_parser.h"

namespace molotov::http {

namespace {

constexpr HeadLimits kHeadLimits;
constexpr size_t kReadBytes = 4096;
// Then the others have their turn, and the timers: a proxy may send interim
// answers without end.
constexpr int kReadsPerTurn = 16;

// Sends a CONNECT and reads the head of its answer, no byte more being asked
// for: what follows is the tunnel's.
class TunnelRequest final : private net::StreamListener, private io::Work {
 public:
  TunnelRequest(io::EpollLoop& loop, net::Stream& stream, std::string request,
                std::string peer)
      : loop_(loop),
        stream_(stream),
        request_(std::move(request)),
        peer_(std::move(peer)) {
    stream_.set_listener(this);
  }
  ~TunnelRequest() { stream_.set_listener(nullptr); }

  io::Completion<Result<>>& done() { return done_; }
  void begin() {
    on_writable();
    if (!done_.is_set()) on_readable(false);
  }
  std::string take_head() { return std::move(received_); }

 private:
  void on_writable() override;
  void on_readable(bool hung_up) override;
  void on_turn() override { on_readable(false); }
  Result<bool> has_answer();
  Result<> judge(const ResponseHead& head, size_t head_bytes);
  Error about(Error error) const;

  io::EpollLoop& loop_;
  net::Stream& stream_;
  std::string request_;  // what of it is not sent yet
  const std::string peer_;
  std::string received_;
  io::Completion<Result<>> done_;
};

void TunnelRequest::on_writable() {
  while (!done_.is_set() && !request_.empty()) {
    const net::IoResult result = stream_.write(request_);
    if (result.status == net::IoStatus::would_block) return;
    if (result.status != net::IoStatus::ok)
      return done_.set(std::unexpected(about(stream_.error())));
    request_.erase(0, result.bytes);
  }
}

// The awaiting task may end this request: to be called last.
void TunnelRequest::on_readable(bool) {
  for (int reads = 0; !done_.is_set(); reads++) {
    if (reads == kReadsPerTurn) return loop_.post(*this);
    std::array<char, kReadBytes> into;
    const net::IoResult result = stream_.read(into);
    switch (result.status) {
      case net::IoStatus::would_block:
        return;
      case net::IoStatus::closed:
        return done_.set(fail(
            ErrorCode::http_disconnected,
            fmt::format("closed by the proxy {} before it answered", peer_)));
      case net::IoStatus::failed:
        return done_.set(std::unexpected(about(stream_.error())));
      case net::IoStatus::ok:
        break;
    }
    received_.append(into.data(), result.bytes);
    const Result<bool> answered = has_answer();
    if (!answered) return done_.set(std::unexpected(about(answered.error())));
    if (*answered) return done_.set({});
  }
}

// Drops interim answers. With the final one received_ is its head.
Result<bool> TunnelRequest::has_answer() {
  while (true) {
    ResponseHead head;
    const auto parsed =
        parse_response_head(received_, false, kHeadLimits, head);
    if (!parsed) return std::unexpected(parsed.error());
    if (*parsed == 0) return false;
    if (head.status >= 200 || head.status == 101) {
      if (auto judged = judge(head, *parsed); !judged)
        return std::unexpected(judged.error());
      return true;
    }
    received_.erase(0, *parsed);
  }
}

Result<> TunnelRequest::judge(const ResponseHead& head, size_t head_bytes) {
  const bool more = received_.size() > head_bytes;
  if (head.status != 200) {
    const Error refused{ErrorCode::http_proxy_refused, 0,
                        fmt::format("{} {}", head.status, head.reason)};
    received_.resize(head_bytes);
    return std::unexpected(refused);
  }
  if (!more) return {};
  // TLS begins with us: whatever this is, it is not the target's.
  return fail(ErrorCode::tls_handshake, "bytes behind its answer");
}

Error TunnelRequest::about(Error error) const {
  if (error.code != ErrorCode::http_proxy_refused)
    error.detail = fmt::format("proxy {}: {}", peer_, error.detail);
  return error;
}

std::string name_of(const net::HostPort& at) {
  return at.host.find(':') == std::string::npos
             ? fmt::format("{}:{}", at.host, at.port)
             : fmt::format("[{}]:{}", at.host, at.port);
}

}  // namespace

bool is_forwarded(const Origin& origin) {
  return origin.proxy && !origin.tls;
}

io::Task<Result<std::unique_ptr<net::Stream>>> connect_through_proxy(
    io::EpollLoop& loop, net::Connector& connector, const Origin& origin,
    std::string host, net::ConnectTimings& timings, ProxyAnswer& answer) {
  const Proxy& proxy = *origin.proxy;
  answer = {};
  net::Endpoint endpoint{.target = proxy.address, .tls = proxy.tls};
  auto stream = co_await connector.connect(std::move(endpoint), timings);
  if (!stream) co_return std::unexpected(std::move(stream.error()));
  answer.reached = true;
  if (is_forwarded(origin)) co_return std::move(stream);
  {
    const std::string target = name_of({origin.host, origin.port});
    TunnelRequest request(
        loop, **stream,
        fmt::format("CONNECT {} HTTP/1.1\r\nHost: {}\r\n{}\r\n", target, host,
                    proxy.connect_fields),
        name_of(proxy.address));
    request.begin();
    Result<> opened = co_await request.done();
    if (!opened) {
      if (opened.error().code == ErrorCode::http_proxy_refused)
        answer.head = request.take_head();
      co_return std::unexpected(std::move(opened.error()));
    }
  }
  const Instant began = MonotonicClock::now();
  auto secured = co_await net::secure(loop, std::move(*stream), origin.tls,
                                      origin.host, origin.port);
  if (secured)
    timings.tls = timings.tls.value_or(0ns) + (MonotonicClock::now() - began);
  co_return std::move(secured);
}

}  // namespace molotov::http
