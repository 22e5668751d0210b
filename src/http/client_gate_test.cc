// Gated exchanges: each hop has its connection and then waits for proceed().
#include "http/testing.h"

namespace molotov::http {
namespace {

constexpr std::string_view kEmptyAnswer =
    "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
constexpr std::string_view kRedirect =
    "HTTP/1.1 302 Found\r\nLocation: /b\r\nContent-Length: 0\r\n\r\n";

class GateTest : public ClientTest {
 protected:
  static ExchangeOptions gated(TimeoutOptions timeout = {}) {
    return {.timeout = timeout, .gated = true};
  }
  bool ready(Call& call, int times = 1) {
    return until([&] { return call.readies == times; });
  }
  static std::string head_of(Call& call) {
    std::string head;
    call->render_head(head);
    return head;
  }
  void let_pass(Duration span) {
    const Instant end = loop_->now() + span;
    EXPECT_TRUE(until([&] { return loop_->now() > end; }));
  }
};

TEST_F(GateTest, NothingIsSentBefore) {
  Call call;
  post(call, "hello", gated());
  Peer peer = accept();
  ASSERT_TRUE(ready(call));
  EXPECT_EQ(call->state(), Exchange::State::ready);
  const std::string head = head_of(call);
  EXPECT_TRUE(head.starts_with("POST / HTTP/1.1\r\nHost: 127.0.0.1:")) << head;
  EXPECT_TRUE(head.ends_with("\r\nContent-Length: 5\r\n\r\n")) << head;
  loop_->turn(1ms);
  peer.receive();
  EXPECT_EQ(peer.received, "");

  call->proceed();
  EXPECT_EQ(serve(peer, kEmptyAnswer), head);
  ASSERT_TRUE(ends(call));
  EXPECT_TRUE(call->done());
  EXPECT_EQ(peer.received, "hello");
  EXPECT_EQ(call.readies, 1);
}

TEST_F(GateTest, AlsoOnAKeptConnection) {
  Peer peer = kept_connection();
  Call call;
  get(call, "/", gated());
  EXPECT_EQ(call.readies, 1);
  EXPECT_TRUE(call->timings().reused_connection);
  call->proceed();
  serve(peer, kEmptyAnswer);
  ASSERT_TRUE(ends(call));
  EXPECT_TRUE(call->done());
}

TEST_F(GateTest, NotToldOfWhereConnectingFails) {
  const std::string gone = url("/");
  listener_ = Fd();
  Call call;
  start(call, {.target = target(gone)}, gated());
  ASSERT_TRUE(ends(call));
  EXPECT_EQ(call.readies, 0);
  EXPECT_EQ(call.failures, 1);
}

TEST_F(GateTest, EachHopOfARedirect) {
  Call call;
  get(call, "/a", gated());
  Peer peer = accept();
  ASSERT_TRUE(ready(call));
  call->proceed();
  serve(peer, kRedirect);
  ASSERT_TRUE(ready(call, 2));
  EXPECT_EQ(call->url().target, "/b");
  EXPECT_TRUE(head_of(call).starts_with("GET /b HTTP/1.1\r\n"));
  EXPECT_EQ(call->history().size(), 1u);
  call->proceed();
  serve(peer, kEmptyAnswer);
  ASSERT_TRUE(ends(call));
  EXPECT_TRUE(call->done());
}

// The repeated request is the same to whoever listens.
TEST_F(GateTest, OnceWhereAKeptConnectionWasDead) {
  Peer dead = kept_connection();
  Call call;
  get(call, "/", gated());
  call->proceed();
  head_at(dead);
  dead.close();
  Peer peer = accept();
  serve(peer, kEmptyAnswer);
  ASSERT_TRUE(ends(call));
  EXPECT_TRUE(call->done());
  EXPECT_EQ(call.readies, 1);
}

// Nothing of it was sent, so it does not matter that it is a POST.
TEST_F(GateTest, AConnectionThatDiesMeanwhileIsReplaced) {
  for (const bool kept : {true, false}) {
    SCOPED_TRACE(kept ? "kept" : "new");
    client_->pool().close_idle();
    std::optional<Peer> dying;
    if (kept) dying.emplace(kept_connection());
    Call call;
    post(call, "hello", gated());
    if (!kept) dying.emplace(accept());
    ASSERT_TRUE(ready(call));
    dying->close();
    loop_->turn(1ms);
    call->proceed();
    Peer peer = accept();
    serve(peer, kEmptyAnswer);
    ASSERT_TRUE(ends(call));
    EXPECT_TRUE(call->done()) << call.detail();
    EXPECT_EQ(call.readies, 1);
  }
}

TEST_F(GateTest, TheWholeTimeOutRuns) {
  Call call;
  get(call, "/", gated({.total = 30ms}));
  Peer peer = accept();
  ASSERT_TRUE(ends(call));
  EXPECT_EQ(call.code(), ErrorCode::total_timeout);
  EXPECT_EQ(call.detail(), "no go-ahead for the request to " +
                               call->url().authority() + " after 0.03 s");
  call->proceed();
  EXPECT_TRUE(call->failed());
  EXPECT_TRUE(closes(peer));
  EXPECT_EQ(peer.received, "");
}

// It is between two reads; and the server is not asked anything yet.
TEST_F(GateTest, TheOneOfReadingDoesNot) {
  Call call;
  get(call, "/", gated({.connect = 30ms, .sock_read = 30ms}));
  Peer peer = accept();
  ASSERT_TRUE(ready(call));
  let_pass(60ms);
  ASSERT_FALSE(call.ended()) << call.detail();
  call->proceed();
  EXPECT_TRUE(ends(call));
  EXPECT_EQ(call.code(), ErrorCode::read_timeout);
}

TEST_F(GateTest, TheWaitIsNotTheServers) {
  Call call;
  get(call, "/", gated());
  Peer peer = accept();
  ASSERT_TRUE(ready(call));
  const Instant started = call->timings().started;
  let_pass(20ms);
  call->proceed();
  serve(peer, kEmptyAnswer);
  ASSERT_TRUE(ends(call));
  EXPECT_EQ(call->timings().started, started);
  EXPECT_GE(call->timings().sent - started, 20ms);
}

TEST_F(GateTest, CanBeCancelled) {
  Call call;
  get(call, "/", gated());
  Peer peer = accept();
  ASSERT_TRUE(ready(call));
  call->cancel();
  call->proceed();
  EXPECT_TRUE(closes(peer));
  EXPECT_EQ(peer.received, "");
  ASSERT_EQ(seen_.size(), 1u);
  EXPECT_EQ(seen_[0].code, ErrorCode::cancelled);
}

}  // namespace
}  // namespace molotov::http
