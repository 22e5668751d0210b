// Each time-out, what its text says was waited for, and what stops it.
#include <netinet/in.h>

#include "http/testing.h"

namespace molotov::http {
namespace {

constexpr Duration kShort = 30ms;

class TimeoutTest : public ClientTest {
 protected:
  // An address whose listener takes no connection any more.
  std::string never_accepting() {
    const net::Address address = net::address_of(full_.get());
    for (int i = 0; i < 8; i++) {
      Fd fd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
      connect(fd.get(), reinterpret_cast<const sockaddr*>(&address.storage),
              address.size);
      waiting_.push_back(std::move(fd));
    }
    return "127.0.0.1:" + std::to_string(net::port_of(full_.get()));
  }
  std::string here() { return target(url("/"))->url.authority(); }

  Fd full_ = net::listening(0);
  std::vector<Fd> waiting_;
};

TEST_F(TimeoutTest, OfConnecting) {
  const std::string peer = never_accepting();
  const struct {
    TimeoutOptions timeout;
    ErrorCode code;
    const char* after;
  } rows[] = {
      {{.sock_connect = kShort}, ErrorCode::connect_timeout, "0.03"},
      {{.connect = kShort}, ErrorCode::connect_timeout, "0.03"},
      {{.connect = kShort, .sock_connect = 0s},
       ErrorCode::connect_timeout,
       "0.03"},
      {{.connect = 1h, .sock_connect = kShort},
       ErrorCode::connect_timeout,
       "0.03"},
      {{.total = kShort}, ErrorCode::total_timeout, "0.03"},
  };
  for (const auto& row : rows) {
    Call call;
    start(call, {.target = target("http://" + peer)}, {.timeout = row.timeout});
    ASSERT_TRUE(ends(call));
    EXPECT_EQ(call.code(), row.code);
    EXPECT_EQ(call.detail(),
              "no connection to " + peer + " after " + row.after + " s");
    EXPECT_EQ(call.failures, 1);
  }
}

TEST_F(TimeoutTest, OfWaitingForTheAnswer) {
  const struct {
    TimeoutOptions timeout;
    ErrorCode code;
  } rows[] = {{{.total = kShort}, ErrorCode::total_timeout},
              {{.sock_read = kShort}, ErrorCode::read_timeout}};
  for (const auto& row : rows) {
    Call call;
    get(call, "/", {.timeout = row.timeout});
    Peer peer = accept();
    ASSERT_TRUE(ends(call));
    EXPECT_EQ(call.code(), row.code);
    EXPECT_EQ(call.detail(), "no answer from " + here() + " after 0.03 s");
    EXPECT_TRUE(closes(peer));
  }
}

TEST_F(TimeoutTest, InTheBody) {
  const struct {
    TimeoutOptions timeout;
    ErrorCode code;
  } rows[] = {{{.total = 500ms}, ErrorCode::total_timeout},
              {{.sock_read = 500ms}, ErrorCode::read_timeout}};
  for (const auto& row : rows) {
    Call call;
    get(call, "/", {.timeout = row.timeout});
    Peer peer = accept();
    serve(peer, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhe");
    ASSERT_TRUE(ends(call));
    EXPECT_EQ(call.code(), row.code);
    EXPECT_EQ(call.detail(), "no end of the answer from " + here() +
                                 " (40 bytes came) after 0.5 s");
    EXPECT_EQ(call.heads, 1);
    EXPECT_EQ(call->body(), "he");
  }
}

TEST_F(TimeoutTest, OfSendingWhatNobodyTakes) {
  const std::string body(32 << 20, 'x');
  Call call;
  post(call, body, {.timeout = {.sock_read = kShort}});
  Peer peer = accept();
  ASSERT_TRUE(ends(call));
  EXPECT_EQ(call.code(), ErrorCode::write_timeout);
  EXPECT_EQ(call.detail(),
            "no room to send the request to " + here() + " after 0.03 s");
  EXPECT_GT(call->bytes_sent(), 0u);
  EXPECT_LT(call->bytes_sent(), body.size());
}

// What is not read since nobody takes it is not late.
TEST_F(TimeoutTest, DoesNotRunWhileTheReaderIsSlow) {
  Call call;
  get(call, "/", {.timeout = {.sock_read = 150ms}, .read_buffer_bytes = 10});
  Peer peer = accept();
  serve(peer,
        "HTTP/1.1 200 OK\r\nContent-Length: 30\r\n\r\n" + std::string(20, 'x'));
  ASSERT_TRUE(until([&] { return call->body().size() == 20; }));
  const Instant end = loop_->now() + 300ms;
  ASSERT_TRUE(until([&] { return loop_->now() > end; }));
  EXPECT_FALSE(call.ended());
  call->consume_body(20);
  ASSERT_TRUE(ends(call));
  EXPECT_EQ(call.code(), ErrorCode::read_timeout);
}

TEST_F(TimeoutTest, OfTheWholeIsForAllHopsTogether) {
  Call call;
  get(call, "/", {.max_redirects = 0});
  call.release();
  accept();
  get(call, "/", {.timeout = {.total = 200ms}, .max_redirects = 0});
  Peer peer = accept();
  EXPECT_TRUE(until([&] {
    peer.receive();
    if (peer.received.ends_with("\r\n\r\n")) {
      peer.received.clear();
      peer.send(
          "HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n");
    }
    return call.ended();
  }));
  EXPECT_EQ(call.code(), ErrorCode::total_timeout);
}

TEST_F(TimeoutTest, OfAnEarlierExchangeIsForgotten) {
  Call one;
  get(one, "/", {.timeout = {.total = 300ms}});
  const void* used = one.exchange;
  Peer peer = accept();
  serve(peer, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  ASSERT_TRUE(ends(one));
  ASSERT_TRUE(one->done());
  one.release();
  Call two;
  get(two);
  EXPECT_EQ(static_cast<const void*>(two.exchange), used);
  const Instant end = loop_->now() + 350ms;
  ASSERT_TRUE(until([&] { return loop_->now() > end; }));
  EXPECT_FALSE(two.ended());
  Call three;  // earlier than what is armed for the one before
  get(three, "/", {.timeout = {.total = kShort}});
  EXPECT_TRUE(ends(three));
}

}  // namespace
}  // namespace molotov::http
