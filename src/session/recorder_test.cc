// What is counted of real requests, on a board's part.
#include "session/recorder.h"

#include "http/testing.h"

namespace molotov::session {
namespace {

using metrics::ErrorKind;

class RecorderTest : public http::ClientTest {
 protected:
  RecorderTest() {
    client_ = std::make_unique<http::Client>(*context_, &recorder_);
  }

  // One GET, answered so.
  void request(std::string_view answer,
               const http::ExchangeOptions& options = {}) {
    http::Call call;
    get(call, "/", options);
    http::Peer peer = accept();
    serve(peer, answer);
    peer.end_sending();
    EXPECT_TRUE(ends(call));
    sent_ += call->bytes_sent();
    client_->pool().close_idle();
  }
  uint64_t errors(ErrorKind kind) {
    return part_.errors[static_cast<size_t>(kind)].get();
  }
  uint64_t all_errors() {
    uint64_t all = 0;
    for (const auto& count : part_.errors) all += count.get();
    return all;
  }

  std::unique_ptr<metrics::Board> board_ =
      std::move(*metrics::Board::create(1));
  metrics::ProcessPart& part_ = board_->part(0);
  Recorder recorder_{part_};
  uint64_t sent_ = 0;
};

constexpr std::string_view kOk =
    "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

TEST_F(RecorderTest, CountsAnAnswer) {
  await_stamps();
  const Instant before = MonotonicClock::now();
  request(kOk);
  const Duration most = MonotonicClock::now() - before;
  EXPECT_EQ(part_.requests.get(), 1u);
  EXPECT_EQ(part_.http_errors.get(), 0u);
  EXPECT_EQ(part_.bytes_sent.get(), sent_);
  EXPECT_EQ(part_.bytes_received.get(), kOk.size());
  EXPECT_EQ(part_.unstamped.get(), 0u);
  EXPECT_EQ(all_errors(), 0u);
  EXPECT_EQ(part_.latency.count(), 1u);
  EXPECT_LE(part_.latency.max(), most);
}

TEST_F(RecorderTest, CountsAnswersThatSayErrors) {
  request("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
  request("HTTP/1.1 500 Error\r\nContent-Length: 0\r\n\r\n");
  request("HTTP/1.1 399 Fine\r\nContent-Length: 0\r\n\r\n");
  EXPECT_EQ(part_.requests.get(), 3u);
  EXPECT_EQ(part_.http_errors.get(), 2u);
  EXPECT_EQ(part_.latency.count(), 3u);
  EXPECT_EQ(all_errors(), 0u);
}

TEST_F(RecorderTest, CountsFailuresByTheirKind) {
  request("");
  EXPECT_EQ(errors(ErrorKind::disconnected), 1u);
  request("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nok");
  EXPECT_EQ(errors(ErrorKind::truncated), 1u);
  request("nonsense\r\n\r\n");
  EXPECT_EQ(errors(ErrorKind::malformed), 1u);
  http::Call late, unknown;
  get(late, "/", {.timeout = {.total = 20ms}});
  EXPECT_TRUE(ends(late));
  EXPECT_EQ(errors(ErrorKind::timeout), 1u);
  start(unknown, {.target = target("http://nosuch.invalid/")});
  EXPECT_TRUE(ends(unknown));
  EXPECT_EQ(errors(ErrorKind::dns), 1u);
  EXPECT_EQ(part_.requests.get(), 5u);
  EXPECT_EQ(all_errors(), 5u);
  EXPECT_EQ(part_.http_errors.get(), 0u);
  EXPECT_EQ(part_.latency.count(), 0u);
}

TEST_F(RecorderTest, CountsACancelledRequestByWhatItHad) {
  http::Call without, with;
  get(without);
  http::Peer first = accept();
  without->cancel();
  EXPECT_EQ(errors(ErrorKind::cancelled), 1u);
  get(with);
  http::Peer second = accept();
  serve(second, "HTTP/1.1 500 Error\r\nContent-Length: 5\r\n\r\nok");
  ASSERT_TRUE(until([&] { return with->has_head(); }));
  with->cancel();
  EXPECT_EQ(part_.requests.get(), 2u);
  EXPECT_EQ(all_errors(), 1u);
  EXPECT_EQ(part_.http_errors.get(), 1u);
  EXPECT_EQ(part_.latency.count(), 0u);
}

TEST_F(RecorderTest, CountsEachHop) {
  http::Call call;
  get(call);
  http::Peer peer = accept();
  serve(peer, "HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n");
  serve(peer, kOk);
  ASSERT_TRUE(ends(call));
  EXPECT_EQ(part_.requests.get(), 2u);
  EXPECT_EQ(part_.latency.count(), 2u);
}

// The request was never sent whole: what is measured is from its last byte that
// went, not from when this machine started.
TEST_F(RecorderTest, MeasuresAnAnswerBeforeTheRequestsEnd) {
  const Instant before = MonotonicClock::now();
  const std::string body(32 << 20, 'x');
  http::Call call;
  post(call, body);
  http::Peer peer = accept();
  serve(peer, "HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n");
  ASSERT_TRUE(ends(call));
  EXPECT_EQ(part_.latency.count(), 1u);
  EXPECT_LE(part_.latency.max(), MonotonicClock::now() - before);
}

// A Unix socket has no stamps.
TEST_F(RecorderTest, CountsArrivalsWithoutAStamp) {
  http::Call call;
  Fd listener(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  const sockaddr any{.sa_family = AF_UNIX, .sa_data = {}};
  ASSERT_EQ(bind(listener.get(), &any, sizeof(sa_family_t)), 0);  // abstract
  ASSERT_EQ(listen(listener.get(), 1), 0);
  const net::Address bound = net::address_of(listener.get());
  const auto* name = reinterpret_cast<const char*>(&bound.storage);
  const std::string path(name + sizeof(sa_family_t),
                         bound.size - sizeof(sa_family_t));
  start(call, {.target = target("http://localhost/", {.unix_path = path})});
  http::Peer peer = accept(listener);
  serve(peer, kOk);
  ASSERT_TRUE(ends(call));
  EXPECT_TRUE(call->done()) << call.detail();
  EXPECT_EQ(part_.unstamped.get(), 1u);
  EXPECT_EQ(part_.latency.count(), 1u);
}

}  // namespace
}  // namespace molotov::session
