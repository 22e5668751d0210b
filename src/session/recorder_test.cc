// What is counted of real requests, on a board's part.
#include "session/recorder.h"

#include "http/testing.h"
#include "metrics/collector.h"
#include "metrics/run_data.h"

namespace molotov::session {
namespace {

using metrics::ErrorKind;
using metrics::Figure;
using metrics::Measure;
using metrics::Series;

class RecorderTest : public http::ClientTest {
 protected:
  RecorderTest() {
    client_ = std::make_unique<http::Client>(*context_, &recorder_);
    part_.set_phase(metrics::Phase::running);
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
  // Of all requests so far, whatever their endpoint.
  metrics::Series all() {
    data_.add(collector_.collect(MonotonicClock::now()));
    return data_.all_requests();
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
  metrics::SeriesWriter series_{board_->series(0)};
  Recorder recorder_{part_, series_};
  metrics::Collector collector_{*board_};
  metrics::RunData data_;
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
  EXPECT_EQ(all().get(Measure::server).count(), 1u);
  EXPECT_LE(all().get(Measure::server).max(), most);
}

TEST_F(RecorderTest, AResponseTakesFromWhenItsRequestWasIntended) {
  http::Call call;
  const http::RequestParts parts{.target = target(url("/"))};
  call.exchange = &client_->start(parts, {}, &call, 1h);
  http::Peer peer = accept();
  serve(peer, kOk);
  ASSERT_TRUE(ends(call));
  EXPECT_GE(all().get(Measure::response).min(), 1h);
  EXPECT_LT(all().get(Measure::server).max(), 1h);
}

TEST_F(RecorderTest, KeepsTheWarmUpApart) {
  const auto since_boot = MonotonicClock::now().time_since_epoch();
  part_.measure_from_ns.set(static_cast<uint64_t>((since_boot + 1h).count()));
  request(kOk);
  request("HTTP/1.1 500 Error\r\nContent-Length: 0\r\n\r\n");
  EXPECT_EQ(part_.warmup_requests.get(), 2u);
  EXPECT_EQ(part_.requests.get(), 0u);
  EXPECT_EQ(part_.http_errors.get(), 0u);
  EXPECT_EQ(all().requests(), 0u);
  part_.measure_from_ns.set(static_cast<uint64_t>(since_boot.count()));
  request(kOk);
  EXPECT_EQ(part_.requests.get(), 1u);
  EXPECT_EQ(all().requests(), 1u);
}

TEST_F(RecorderTest, CountsAnswersThatSayErrors) {
  request("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
  request("HTTP/1.1 500 Error\r\nContent-Length: 0\r\n\r\n");
  request("HTTP/1.1 399 Fine\r\nContent-Length: 0\r\n\r\n");
  EXPECT_EQ(part_.requests.get(), 3u);
  EXPECT_EQ(part_.http_errors.get(), 2u);
  EXPECT_EQ(all().get(Measure::server).count(), 3u);
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
  EXPECT_EQ(all().get(Measure::server).count(), 0u);
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
  EXPECT_EQ(all().get(Measure::server).count(), 0u);
}

TEST_F(RecorderTest, CountsEachHop) {
  http::Call call;
  get(call);
  http::Peer peer = accept();
  serve(peer, "HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n");
  serve(peer, kOk);
  ASSERT_TRUE(ends(call));
  EXPECT_EQ(part_.requests.get(), 2u);
  EXPECT_EQ(all().get(Measure::server).count(), 2u);
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
  EXPECT_EQ(all().get(Measure::server).count(), 1u);
  EXPECT_LE(all().get(Measure::server).max(), MonotonicClock::now() - before);
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
  EXPECT_EQ(all().get(Measure::server).count(), 1u);
}

TEST_F(RecorderTest, MeasuresEachPhaseOnce) {
  await_stamps();
  const Instant before = MonotonicClock::now();
  request(kOk);
  const Duration most = MonotonicClock::now() - before;
  const Series found = all();
  EXPECT_EQ(found.get(Figure::answered), 1u);
  EXPECT_EQ(found.get(Figure::bytes_sent), sent_);
  EXPECT_EQ(found.get(Figure::bytes_received), kOk.size());
  EXPECT_EQ(found.get(Figure::new_connections), 1u);
  EXPECT_EQ(found.get(Figure::reused_connections), 0u);
  EXPECT_EQ(found.get(Figure::ttfb_bounded), 0u);
  EXPECT_EQ(found.statuses, (std::map<int, uint64_t>{{200, 1}}));
  for (const Measure measure : {Measure::server, Measure::ttfb,
                                Measure::response, Measure::generator_lag}) {
    EXPECT_EQ(found.get(measure).count(), 1u);
    EXPECT_LE(found.get(measure).max(), most);
  }
  // What an answer took is the server's, and ours on both ends.
  EXPECT_GE(found.get(Measure::response).max(),
            found.get(Measure::server).max());
  EXPECT_EQ(found.get(Measure::connect).count(), 1u);
  EXPECT_EQ(found.get(Measure::dns).count(), 0u);  // it is an address
  EXPECT_EQ(found.get(Measure::tls).count(), 0u);
  EXPECT_EQ(found.get(Measure::error).count(), 0u);
}

TEST_F(RecorderTest, CountsConnectionsThatServeAgain) {
  http::Call first, second;
  get(first);
  http::Peer peer = accept();
  serve(peer, kOk);
  ASSERT_TRUE(ends(first));
  get(second);
  serve(peer, kOk);
  ASSERT_TRUE(ends(second));
  const Series found = all();
  EXPECT_EQ(found.get(Figure::new_connections), 1u);
  EXPECT_EQ(found.get(Figure::reused_connections), 1u);
  EXPECT_EQ(found.get(Measure::connect).count(), 1u);
}

// Its first byte may have come before what the stamp of the whole tells.
TEST_F(RecorderTest, MarksFirstBytesThatCameWithMany) {
  await_stamps();
  request("HTTP/1.1 200 OK\r\nContent-Length: 4000\r\n\r\n" +
          std::string(4000, 'x'));
  EXPECT_EQ(all().get(Measure::ttfb).count(), 1u);
  EXPECT_EQ(all().get(Figure::ttfb_bounded), 1u);
}

TEST_F(RecorderTest, CountsByEndpoint) {
  for (const char* path : {"/users/1", "/users/2?q=1", "/users"}) {
    http::Call call;
    get(call, path);
    http::Peer peer = accept();
    serve(peer, kOk);
    peer.end_sending();
    ASSERT_TRUE(ends(call));
    client_->pool().close_idle();
  }
  all();
  std::map<std::string, uint64_t> requests;
  for (const auto& [key, series] : data_.series())
    requests[key.name.substr(key.name.rfind('\t') + 1)] = series.requests();
  EXPECT_EQ(requests,
            (std::map<std::string, uint64_t>{{"/users", 1}, {"/users/{}", 2}}));
}

TEST_F(RecorderTest, ANameCountsForAllHopsAndIsOneLine) {
  http::Call call;
  start(call, {.target = target(url("/")), .name = "user\tpage\n"}, {});
  http::Peer peer = accept();
  serve(peer,
        "HTTP/1.1 302 Found\r\nLocation: /a\r\nContent-Length: 0\r\n\r\n");
  serve(peer, kOk);
  ASSERT_TRUE(ends(call));
  all();
  ASSERT_EQ(data_.series().size(), 1u);
  const auto& [key, series] = *data_.series().begin();
  EXPECT_EQ(key.name, "user page ");
  EXPECT_EQ(series.requests(), 2u);
}

TEST_F(RecorderTest, MeasuresErrorsApart) {
  request("nonsense\r\n\r\n");
  const Series found = all();
  EXPECT_EQ(found.errors(), 1u);
  EXPECT_EQ(found.requests(), 1u);
  EXPECT_EQ(found.get(metrics::figure_of(ErrorKind::malformed)), 1u);
  EXPECT_EQ(found.get(Measure::error).count(), 1u);
  EXPECT_EQ(found.get(Measure::response).count(), 0u);
}

}  // namespace
}  // namespace molotov::session
