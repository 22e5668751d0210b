// What a StatsD server is told of requests, on a real socket.
#include "session/statsd.h"

#include <fcntl.h>

#include <algorithm>
#include <regex>

#include "http/testing.h"
#include "session/observers.h"

namespace molotov::session {
namespace {

using Texts = std::vector<std::string>;

Texts sorted(Texts texts) {
  std::ranges::sort(texts);
  return texts;
}

class StatsdTest : public http::ClientTest {
 protected:
  StatsdTest() : server_(net::bound(SOCK_DGRAM)) {
    fcntl(server_.get(), F_SETFL, O_NONBLOCK);
    EXPECT_TRUE(statsd_.open({net::address_of(server_.get())}));
    client_ = std::make_unique<http::Client>(*context_, &statsd_);
  }

  // What has come, times as T. The order is nobody's to rely on.
  Texts received() {
    loop_->turn(0ns);
    Texts all;
    char bytes[1024];
    ssize_t got;
    while ((got = recv(server_.get(), bytes, sizeof bytes, 0)) >= 0) {
      const std::string text(bytes, static_cast<size_t>(got));
      all.push_back(
          std::regex_replace(text, std::regex(R"(:\d+\|ms$)"), ":T|ms"));
    }
    return sorted(std::move(all));
  }

  Fd server_;
  std::vector<Error> losses_;
  int times_full_ = 0;
  Statsd statsd_{*loop_, "box|1",
                 [this](const Error& cause) { losses_.push_back(cause); },
                 [this] { times_full_++; }};
};

constexpr std::string_view kOk =
    "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

TEST_F(StatsdTest, TellsOfAnAnswer) {
  http::Call call;
  get(call, "/a%20b?c=d");
  http::Peer peer = accept();
  serve(peer, kOk);
  ASSERT_TRUE(ends(call));
  EXPECT_EQ(received(), sorted({"molotov.box_1.GET.127.0.0.1./a_b:T|ms",
                                "molotov.box_1.GET.127.0.0.1./a_b.200:1|c"}));
}

TEST_F(StatsdTest, TellsWhenTheHeadIsThere) {
  http::Call call;
  get(call);
  http::Peer peer = accept();
  serve(peer, "HTTP/1.1 503 Busy\r\nContent-Length: 10\r\n\r\n");
  ASSERT_TRUE(until([&] { return call->has_head(); }));
  EXPECT_EQ(received(), sorted({"molotov.box_1.GET.127.0.0.1./:T|ms",
                                "molotov.box_1.GET.127.0.0.1./.503:1|c"}));
  peer.close();
  ASSERT_TRUE(ends(call));
  EXPECT_TRUE(call->failed());
  EXPECT_EQ(received(), sorted({"molotov.box_1.GET.127.0.0.1./.error:1|c"}));
}

TEST_F(StatsdTest, TellsOfRedirectsAsOneRequest) {
  http::Call call;
  start(call,
        {.method = "POST", .target = target(url("/first%7C?a")), .body = "x"});
  http::Peer peer = accept();
  serve(peer,
        "HTTP/1.1 302 Found\r\nLocation: /next\r\nContent-Length: 0\r\n\r\n");
  serve(peer, kOk);
  ASSERT_TRUE(ends(call));
  EXPECT_EQ(received(),
            sorted({"molotov.box_1.POST.127.0.0.1./first_:T|ms",
                    "molotov.box_1.POST.127.0.0.1./first_.200:1|c"}));
}

TEST_F(StatsdTest, TellsOfWhatFailed) {
  http::Call call;
  get(call);
  http::Peer peer = accept();
  head_at(peer);
  peer.close();
  ASSERT_TRUE(ends(call));
  http::Call unknown;
  start(unknown, {.target = target("http://nosuch.invalid/p")});
  ASSERT_TRUE(ends(unknown));
  EXPECT_EQ(received(),
            sorted({"molotov.box_1.GET.127.0.0.1./.error:1|c",
                    "molotov.box_1.GET.nosuch.invalid./p.error:1|c"}));
}

TEST_F(StatsdTest, TellsNothingOfWhatWasCancelled) {
  http::Call call;
  get(call);
  http::Peer peer = accept();
  head_at(peer);
  call->cancel();
  EXPECT_EQ(received(), Texts{});
}

TEST_F(StatsdTest, NamesAreBounded) {
  http::Call first;
  get(first);
  http::Peer peer = accept();
  serve(peer, kOk);
  ASSERT_TRUE(ends(first));
  const auto ask = [&](size_t number) {
    http::Call call;
    get(call, "/" + std::to_string(number));
    serve(peer, kOk);
    ASSERT_TRUE(ends(call));
  };
  for (size_t i = 1; i < Statsd::kNamesMost; i++) ask(i);
  received();
  EXPECT_EQ(times_full_, 0);
  ask(1'000'000);
  ask(1'000'001);
  ask(7);
  EXPECT_EQ(times_full_, 1);
  const std::string other = "molotov.box_1.other";
  const std::string known = "molotov.box_1.GET.127.0.0.1./7";
  EXPECT_EQ(received(),
            sorted({other + ":T|ms", other + ".200:1|c", other + ":T|ms",
                    other + ".200:1|c", known + ":T|ms", known + ".200:1|c"}));
}

TEST_F(StatsdTest, TellsOfRuns) {
  statsd_.send_runs("a b", "success", 12);
  EXPECT_EQ(received(), sorted({"molotov.box_1.scenario.a_b.success:12|c"}));
}

TEST_F(StatsdTest, TheTimeIsFromTheStartOfTheFirstHop) {
  http::Call call;
  get(call);
  http::Peer peer = accept();
  serve(peer, "HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n");
  head_at(peer);
  const Instant slow = MonotonicClock::now() + 30ms;
  ASSERT_TRUE(until([&] { return MonotonicClock::now() > slow; }));
  peer.send("HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n");
  serve(peer, kOk);
  ASSERT_TRUE(ends(call));
  loop_->turn(0ns);
  char bytes[1024];
  const ssize_t got = recv(server_.get(), bytes, sizeof bytes, 0);
  ASSERT_GT(got, 0);
  const std::string text(bytes, static_cast<size_t>(got));
  std::smatch found;
  ASSERT_TRUE(std::regex_search(text, found, std::regex(R"(:(\d+)\|ms$)")));
  EXPECT_GE(std::stoi(found[1]), 30);
}

TEST_F(StatsdTest, ClosedItTellsNothing) {
  statsd_.close();
  http::Call call;
  get(call);
  http::Peer peer = accept();
  serve(peer, kOk);
  ASSERT_TRUE(ends(call));
  EXPECT_EQ(received(), Texts{});
}

TEST_F(StatsdTest, AmongOtherObservers) {
  class Counter final : public http::ExchangeObserver {
   public:
    void on_answer(const http::Exchange&) override { answers++; }
    void on_request_done(const http::Exchange&, const Error*) override {
      done++;
    }
    int answers = 0;
    int done = 0;
  } counter;
  Observers observers;
  EXPECT_EQ(observers.get(), nullptr);
  observers.add(counter);
  EXPECT_EQ(observers.get(), &counter);
  observers.add(statsd_);
  client_ = std::make_unique<http::Client>(*context_, observers.get());
  http::Call call;
  get(call);
  http::Peer peer = accept();
  serve(peer, kOk);
  ASSERT_TRUE(ends(call));
  EXPECT_EQ(received().size(), 2u);
  EXPECT_EQ(counter.answers, 1);
  EXPECT_EQ(counter.done, 1);
  call.release();
  client_.reset();
}

}  // namespace
}  // namespace molotov::session
