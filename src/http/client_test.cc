// Requests and answers end to end, over real sockets: framings, connections
// kept and dropped, failures, and exchanges that are used again.
#include "http/client.h"

#include "http/testing.h"

namespace molotov::http {
namespace {

constexpr std::string_view kEmptyAnswer =
    "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

struct FramingRow {
  const char* name;
  std::string_view method;
  std::string_view answer;
  bool closes;  // the server, behind it
  int status;
  std::string_view body;
  bool kept;  // the connection can be used again
};

class Framings : public ClientTest,
                 public testing::WithParamInterface<FramingRow> {};

// In whatever pieces it comes.
TEST_P(Framings, GiveTheirBody) {
  const FramingRow& row = GetParam();
  for (const bool whole : {true, false}) {
    SCOPED_TRACE(whole ? "whole" : "byte by byte");
    Call call;
    start(call, {.method = row.method, .target = target(url("/"))});
    Peer peer = accept();
    head_at(peer);
    if (whole) peer.send(row.answer);
    for (size_t i = 0; !whole && i < row.answer.size(); i++) {
      peer.send(row.answer.substr(i, 1));
      loop_->turn(1ms);
    }
    if (row.closes) peer.close();
    ASSERT_TRUE(ends(call));
    EXPECT_TRUE(call->done()) << call.detail();
    EXPECT_EQ(call->status(), row.status);
    EXPECT_EQ(call->body(), row.body);
    EXPECT_EQ(call->bytes_received(), row.answer.size());
    EXPECT_EQ(call.heads, 1);
    EXPECT_EQ(call.failures, 0);
    if (row.closes) continue;
    Call next;
    get(next);
    EXPECT_EQ(next->timings().reused_connection, row.kept);
    next.release();
    EXPECT_TRUE(closes(peer));
    if (!row.kept) accept();
  }
}

constexpr FramingRow kFramings[] = {
    {"length", "GET", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
     false, 200, "hello", true},
    {"empty", "GET", kEmptyAnswer, false, 200, "", true},
    {"chunked", "GET",
     "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
     "3;a=b\r\nabc\r\n2\r\nde\r\n0\r\nTrailer: x\r\n\r\n",
     false, 200, "abcde", true},
    {"until_close", "GET", "HTTP/1.1 200 OK\r\n\r\nall there is", true, 200,
     "all there is", false},
    {"head", "HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n", false,
     200, "", true},
    {"no_content", "GET", "HTTP/1.1 204 No Content\r\n\r\n", false, 204, "",
     true},
    {"not_modified", "GET",
     "HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n", false, 304, "",
     true},
    {"interim", "GET",
     "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"
     "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
     false, 200, "ok", true},
    {"close", "GET",
     "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok",
     false, 200, "ok", false},
    {"http_1_0", "GET", "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok", false,
     200, "ok", false},
    {"http_1_0_kept", "GET",
     "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nok",
     false, 200, "ok", true},
};
INSTANTIATE_TEST_SUITE_P(Client, Framings, testing::ValuesIn(kFramings),
                         [](const auto& row) { return row.param.name; });

struct FailureRow {
  const char* name;
  std::string answer;
  enum { kEnd, kReset, kStay } then;
  ErrorCode code;
  int heads;
};

class Failures : public ClientTest,
                 public testing::WithParamInterface<FailureRow> {};

TEST_P(Failures, AreToldOnceAndCounted) {
  const FailureRow& row = GetParam();
  Call call;
  get(call);
  Peer peer = accept();
  serve(peer, row.answer);
  // What was sent is to be read before a reset discards it.
  if (row.heads) {
    EXPECT_TRUE(until([&] { return call->has_head(); }));
  }
  if (row.then == FailureRow::kEnd) peer.end_sending();
  if (row.then == FailureRow::kReset) peer.reset();
  ASSERT_TRUE(ends(call));
  EXPECT_TRUE(call->failed());
  EXPECT_EQ(call.code(), row.code) << call.detail();
  EXPECT_FALSE(call.detail().empty());
  EXPECT_EQ(call.heads, row.heads);
  EXPECT_EQ(call.failures, 1 - row.heads);
  ASSERT_EQ(seen_.size(), 1u);
  EXPECT_EQ(seen_[0].code, row.code);
  if (row.then != FailureRow::kReset) {
    EXPECT_TRUE(closes(peer));
  }
}

const FailureRow kFailures[] = {
    {"nothing", "", FailureRow::kEnd, ErrorCode::http_disconnected, 0},
    {"reset", "", FailureRow::kReset, ErrorCode::reset, 0},
    {"half_a_head", "HTTP/1.1 200", FailureRow::kEnd,
     ErrorCode::http_disconnected, 0},
    {"interim_only", "HTTP/1.1 100 Continue\r\n\r\n", FailureRow::kEnd,
     ErrorCode::http_disconnected, 0},
    {"short_body", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello",
     FailureRow::kEnd, ErrorCode::http_truncated, 1},
    {"short_chunks",
     "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
     FailureRow::kEnd, ErrorCode::http_truncated, 1},
    {"reset_in_body", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello",
     FailureRow::kReset, ErrorCode::reset, 1},
    {"garbage", "SSH-2.0-OpenSSH\r\n", FailureRow::kStay,
     ErrorCode::http_malformed, 0},
    {"bad_chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
     FailureRow::kStay, ErrorCode::http_malformed, 1},
    {"large_head", "HTTP/1.1 200 OK\r\nA: " + std::string(9000, 'a'),
     FailureRow::kStay, ErrorCode::http_too_large, 0},
};
INSTANTIATE_TEST_SUITE_P(Client, Failures, testing::ValuesIn(kFailures),
                         [](const auto& row) { return row.param.name; });

TEST_F(ClientTest, WritesTheRequestInOrder) {
  Call call;
  const Target* to = target(url("/path?q=1"));
  start(call, {.method = "PUT",
               .target = to,
               .fields = "A: 1\r\n",
               .own_fields = "B: 2\r\n",
               .own_cookies = "c=3",
               .body = "body",
               .content_fields = "Content-Type: x/y\r\n"});
  Peer peer = accept();
  EXPECT_EQ(head_at(peer),
            "PUT /path?q=1 HTTP/1.1\r\nHost: " + to->url.authority() +
                "\r\nB: 2\r\nA: 1\r\nCookie: c=3\r\n"
                "Content-Length: 4\r\nContent-Type: x/y\r\n\r\n");
  EXPECT_EQ(peer.received, "body");
}

TEST_F(ClientTest, ServesManyRequestsOnOneConnection) {
  Peer peer = kept_connection();
  for (int i = 0; i < 20; i++) {
    Call call;
    get(call);
    EXPECT_TRUE(call->timings().reused_connection);
    serve(peer, kEmptyAnswer);
    ASSERT_TRUE(ends(call));
  }
  EXPECT_TRUE(nobody_connects());
  EXPECT_EQ(seen_.size(), 21u);
}

TEST_F(ClientTest, DoesNotUseAConnectionTwiceAtOnce) {
  Call one, two;
  get(one);
  Peer first = accept();
  get(two);
  Peer second = accept();
  serve(second, kEmptyAnswer);
  serve(first, kEmptyAnswer);
  EXPECT_TRUE(ends(one));
  EXPECT_TRUE(ends(two));
}

TEST_F(ClientTest, RepeatsAGetOnceOnAConnectionOfItsOwn) {
  // Two kept connections, both dead before the loop could tell.
  Call one, two;
  get(one);
  Peer first = accept();
  get(two);
  Peer second = accept();
  serve(first, kEmptyAnswer);
  serve(second, kEmptyAnswer);
  ASSERT_TRUE(ends(one));
  ASSERT_TRUE(ends(two));
  second.close();  // the one that is taken is told of first
  first.close();
  seen_.clear();
  Call call;
  get(call);
  EXPECT_TRUE(call->timings().reused_connection);
  Peer third = accept();
  serve(third, kEmptyAnswer);
  ASSERT_TRUE(ends(call));
  EXPECT_TRUE(call->done()) << call.detail();
  EXPECT_FALSE(call->timings().reused_connection);
  EXPECT_EQ(seen_.size(), 1u);
}

TEST_F(ClientTest, DoesNotRepeatItTwice) {
  Peer dead = kept_connection();
  dead.close();
  Call call;
  get(call);
  Peer peer = accept();
  head_at(peer);
  peer.end_sending();
  ASSERT_TRUE(ends(call));
  EXPECT_EQ(call.code(), ErrorCode::http_disconnected);
  EXPECT_TRUE(nobody_connects());
}

TEST_F(ClientTest, DoesNotRepeatAPost) {
  Peer dead = kept_connection();
  dead.close();
  Call call;
  post(call, "x");
  EXPECT_TRUE(call->timings().reused_connection);
  ASSERT_TRUE(ends(call));
  EXPECT_TRUE(call.code() == ErrorCode::http_disconnected ||
              call.code() == ErrorCode::reset)
      << call.detail();
  EXPECT_TRUE(nobody_connects());
}

// Sent while the connection was idle, read when the next request was sent.
TEST_F(ClientTest, DoesNotTakeALate408ForAnAnswer) {
  constexpr std::string_view kIdle =
      "HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n"
      "Content-Length: 0\r\n\r\n";
  await_stamps();
  Peer first = kept_connection();
  first.send(kIdle);
  Call call;
  get(call);
  Peer second = accept();
  serve(second, "HTTP/1.1 204 No Content\r\n\r\n");
  ASSERT_TRUE(ends(call));
  EXPECT_TRUE(call->done()) << call.detail();
  EXPECT_EQ(call->status(), 204);

  second.send(kIdle);
  Call other;
  post(other, "x");
  ASSERT_TRUE(ends(other));
  EXPECT_EQ(other.code(), ErrorCode::http_disconnected);
  EXPECT_EQ(other.detail(), "closed by the server as idle, with a 408");
}

TEST_F(ClientTest, TakesA408ToItsRequest) {
  await_stamps();
  Peer peer = kept_connection();
  Call call;
  get(call);
  serve(peer, "HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n");
  ASSERT_TRUE(ends(call));
  EXPECT_EQ(call->status(), 408);
}

TEST_F(ClientTest, DropsAKeptConnectionThatTheServerCloses) {
  Peer peer = kept_connection();
  peer.end_sending();
  EXPECT_TRUE(closes(peer));
  Call call;
  post(call, "x");
  EXPECT_FALSE(call->timings().reused_connection);
}

TEST_F(ClientTest, DropsAKeptConnectionWhoseAnswerWasNotRead) {
  Call big;
  get(big, "/", {.read_buffer_bytes = 10});
  Peer peer = accept();
  serve(peer,
        "HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n" + std::string(20, 'x'));
  ASSERT_TRUE(ends(big));
  peer.end_sending();
  EXPECT_TRUE(closes(peer));
}

TEST_F(ClientTest, DropsAConnectionWithBytesThatNobodyAskedFor) {
  Peer peer = kept_connection();
  peer.send(kEmptyAnswer);
  EXPECT_TRUE(closes(peer));
}

TEST_F(ClientTest, DropsAConnectionWhoseBodyIsLongerThanPromised) {
  Call call;
  get(call);
  Peer peer = accept();
  serve(peer, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1");
  ASSERT_TRUE(ends(call));
  EXPECT_EQ(call->body(), "ok");
  EXPECT_TRUE(closes(peer));
}

// The end is told while the connection waits to be freed.
TEST_F(ClientTest, ClosesKeptConnectionsThatTheServerClosesToo) {
  Peer peer = kept_connection();
  client_->pool().close_idle();
  peer.end_sending();
  EXPECT_TRUE(closes(peer));
  Peer other = kept_connection();
  client_->pool().close_idle();
  client_.reset();
  other.end_sending();
  EXPECT_TRUE(closes(other));
}

TEST_F(ClientTest, FailsWhereNobodyListens) {
  const Fd nobody = net::refusing();
  Call call;
  start(call, {.target = target("http://127.0.0.1:" +
                                std::to_string(net::port_of(nobody.get())))});
  ASSERT_TRUE(ends(call));
  EXPECT_EQ(call.code(), ErrorCode::connect_refused);
  EXPECT_EQ(call.failures, 1);
}

// All of it inside of start().
TEST_F(ClientTest, FailsAtOnceForANameThatDoesNotExist) {
  Call call;
  start(call, {.target = target("http://nosuch.invalid/")});
  EXPECT_TRUE(call->failed());
  EXPECT_EQ(call.code(), ErrorCode::dns_not_found);
  EXPECT_EQ(call.failures, 1);
  EXPECT_EQ(seen_.size(), 1u);
}

TEST_F(ClientTest, StampsWhatHappened) {
  await_stamps();
  Call call;
  get(call);
  Peer peer = accept();
  const std::string request = head_at(peer);
  peer.send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhe");
  ASSERT_TRUE(until([&] { return !call->body().empty(); }));
  peer.send("llo");
  ASSERT_TRUE(ends(call));
  const Timings& timings = call->timings();
  EXPECT_TRUE(timings.first_byte.stamped);
  EXPECT_TRUE(timings.last_byte.stamped);
  EXPECT_TRUE(timings.connect.connect.has_value());
  EXPECT_LE(timings.started, timings.sent);
  EXPECT_LE(timings.sent, timings.first_byte.at);
  EXPECT_LT(timings.first_byte.at, timings.last_byte.at);
  EXPECT_LE(timings.last_byte.at, timings.handled);
  EXPECT_EQ(call->bytes_sent(), request.size());
  EXPECT_EQ(call->bytes_received(), 43u);
}

TEST_F(ClientTest, CancelsAndReleasesInEveryState) {
  using State = Exchange::State;
  const std::string big(32 << 20, 'x');
  for (const State state : {State::connecting, State::sending, State::waiting,
                            State::body, State::done, State::failed}) {
    for (const bool cancel : {true, false}) {
      SCOPED_TRACE(static_cast<int>(state));
      seen_.clear();
      client_->pool().close_idle();
      Call call;
      if (state == State::sending)
        post(call, big);
      else
        get(call);
      std::optional<Peer> peer;
      if (state != State::connecting) peer.emplace(accept());
      if (state >= State::waiting) head_at(*peer);
      if (state == State::body)
        peer->send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhe");
      if (state == State::done) peer->send(kEmptyAnswer);
      if (state == State::failed) peer->end_sending();
      ASSERT_TRUE(until([&] { return call->state() == state; }));
      const int told = call.heads + call.progresses + call.failures;
      if (cancel) {
        call->cancel();
        EXPECT_EQ(call->failed(), state != State::done);
        call->cancel();
      }
      call.release();
      EXPECT_EQ(call.heads + call.progresses + call.failures, told);
      ASSERT_EQ(seen_.size(), 1u);
      const ErrorCode code = state == State::failed
                                 ? ErrorCode::http_disconnected
                             : state >= State::body ? ErrorCode::none
                                                    : ErrorCode::cancelled;
      EXPECT_EQ(seen_[0].code, code);
      if (state == State::connecting) peer.emplace(accept());
      if (state != State::done) {
        EXPECT_TRUE(closes(*peer));
      }
    }
  }
}

TEST_F(ClientTest, StartsCleanWithAnExchangeThatWasUsedBefore) {
  const void* used;
  {
    Call call;
    get(call, "/", {.read_buffer_bytes = 2});
    used = call.exchange;
    call->want_all();
    Peer peer = accept();
    serve(peer,
          "HTTP/1.1 302 Found\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n");
    serve(peer, "HTTP/1.1 404 Not Found\r\nContent-Length: 9\r\n\r\nhello");
    ASSERT_TRUE(until([&] { return call->body().size() == 5; }));
    peer.end_sending();
    ASSERT_TRUE(ends(call));
  }
  Call call;
  get(call);
  ASSERT_EQ(static_cast<const void*>(call.exchange), used);
  EXPECT_FALSE(call->failed());
  EXPECT_FALSE(call->has_head());
  EXPECT_EQ(call->status(), 0);
  EXPECT_EQ(call->head(), "");
  EXPECT_EQ(call->body(), "");
  EXPECT_EQ(call->error().code, ErrorCode::none);
  EXPECT_EQ(call->error().detail, "");
  EXPECT_TRUE(call->history().empty());
  EXPECT_EQ(call->bytes_received(), 0u);
  EXPECT_EQ(call->timings().handled, Instant{});
  Peer peer = accept();
  serve(peer, "HTTP/1.1 200 OK\r\nA: b\r\nContent-Length: 2\r\n\r\nok");
  ASSERT_TRUE(ends(call));
  EXPECT_EQ(call->fields().fields.size(), 2u);
  EXPECT_EQ(call->fields().status, 200);
  EXPECT_EQ(call->body(), "ok");
}

TEST_F(ClientTest, LeavesNoDescriptorBehind) {
  const size_t before = net::open_descriptors();
  for (int i = 0; i < 10; i++) {
    Call call;
    get(call);
    Peer peer = accept();
    serve(peer, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhe");
    ASSERT_TRUE(until([&] { return call->has_head(); }));
  }
  context_->loop().turn(0ns);
  context_->loop().turn(0ns);
  EXPECT_EQ(net::open_descriptors(), before);
}

// Python may collect a session while a connection of its is being told.
TEST_F(ClientTest, EndsWhileItsConnectionsAreBeingClosed) {
  std::vector<Peer> peers;
  {
    Call calls[3];
    for (Call& call : calls) get(call);
    for (int i = 0; i < 3; i++) peers.push_back(accept());
    for (Peer& peer : peers) serve(peer, kEmptyAnswer);
    for (Call& call : calls) ASSERT_TRUE(ends(call));
    for (Call& call : calls) get(call);  // under way when the context ends
    for (Call& call : calls) call->cancel();
  }
  client_.reset();
  context_.reset();
  for (Peer& peer : peers) EXPECT_TRUE(closes(peer));
}

using ClientDeathTest = ClientTest;

TEST_F(ClientDeathTest, RefusesToEndWithAnExchangeUnderWay) {
  Call call;
  get(call);
  EXPECT_DEATH(client_.reset(), "under_way_ == 0");
}

}  // namespace
}  // namespace molotov::http
