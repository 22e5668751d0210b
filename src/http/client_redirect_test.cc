// Redirects that are followed, and those that are not; cookies that a client
// keeps on the way.
#include <sys/un.h>

#include <cstddef>
#include <cstring>
#include <filesystem>

#include "http/testing.h"

namespace molotov::http {
namespace {

std::string redirect(int status, const std::string& location,
                     const std::string& more = "Content-Length: 0\r\n",
                     const std::string& body = "") {
  return "HTTP/1.1 " + std::to_string(status) +
         " Moved\r\nLocation: " + location + "\r\n" + more + "\r\n" + body;
}

constexpr std::string_view kAnswer =
    "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nhere";

bool has(std::string_view head, std::string_view text) {
  return head.find(text) != std::string_view::npos;
}

class RedirectClientTest : public ClientTest {
 protected:
  Fd other_ = listen_on_loopback();
  std::string other_url(std::string_view path) {
    return "http://127.0.0.1:" + std::to_string(net::port_of(other_.get())) +
           std::string(path);
  }
};

TEST_F(RedirectClientTest, GoesOnOverTheSameConnection) {
  Call call;
  get(call, "/a/b");
  Peer peer = accept();
  serve(peer, redirect(302, "c?d", "Content-Length: 3\r\n", "old"));
  EXPECT_TRUE(has(serve(peer, kAnswer), "GET /a/c?d HTTP/1.1\r\n"));
  ASSERT_TRUE(ends(call));
  EXPECT_EQ(call->status(), 200);
  EXPECT_EQ(call->body(), "here");
  EXPECT_EQ(call->url().to_string(), url("/a/c?d"));
  EXPECT_TRUE(call->timings().reused_connection);
  ASSERT_EQ(call->history().size(), 1u);
  EXPECT_EQ(call->history()[0].status, 302);
  EXPECT_EQ(call->history()[0].url, url("/a/b"));
  EXPECT_EQ(call->history()[0].method, "GET");
  EXPECT_TRUE(has(call->history()[0].head, "Location: c?d\r\n"));
  EXPECT_EQ(call.heads, 1);
  ASSERT_EQ(seen_.size(), 2u);
  EXPECT_EQ(seen_[0].status, 302);
  EXPECT_NE(seen_[0].timings.handled, Instant{});
  EXPECT_EQ(seen_[1].status, 200);
}

TEST_F(RedirectClientTest, OnlyTheFirstRequestIsAsLateAsItsCallerSays) {
  Call call;
  const Target* there = target(url("/a"));
  call.exchange = &client_->start({.target = there}, {}, &call, 70ms);
  EXPECT_EQ(call->intended(), call->started() - 70ms);
  Peer peer = accept();
  serve(peer, redirect(302, "b"));
  serve(peer, kAnswer);
  ASSERT_TRUE(ends(call));
  ASSERT_EQ(seen_.size(), 2u);
  EXPECT_EQ(seen_[0].intended, call->started() - 70ms);
  EXPECT_EQ(seen_[1].intended, seen_[1].timings.started);
}

TEST_F(RedirectClientTest, IsIntendedWhenItStartsWhereNobodySaysMore) {
  Call call;
  get(call);
  Peer peer = accept();
  serve(peer, kAnswer);
  ASSERT_TRUE(ends(call));
  EXPECT_EQ(seen_[0].intended, call->started());
}

TEST_F(RedirectClientTest, LeavesCredentialsBehindForAnotherOrigin) {
  Call call;
  start(call, {.target = target(url("/")),
               .fields = "Authorization: secret\r\nA: 1\r\n",
               .own_fields = "Cookie: x=y\r\nB: 2\r\n",
               .own_cookies = "own=1"});
  Peer peer = accept();
  EXPECT_TRUE(has(serve(peer, redirect(307, "/same")), "own=1"));
  const std::string second = serve(peer, redirect(307, other_url("/")));
  EXPECT_TRUE(has(second, "Authorization: secret\r\n"));
  Peer other = accept(other_);
  const std::string third = serve(other, kAnswer);
  EXPECT_FALSE(has(third, "Authorization"));
  EXPECT_FALSE(has(third, "Cookie"));
  EXPECT_TRUE(has(third, "B: 2\r\n"));
  EXPECT_TRUE(has(third, "A: 1\r\n"));
  EXPECT_TRUE(has(third, "Host: " + target(other_url("/"))->url.authority()));
  EXPECT_TRUE(ends(call));
}

TEST_F(RedirectClientTest, DropsTheBodyOfAPostButForA307) {
  for (const int status : {301, 302, 303, 307, 308}) {
    SCOPED_TRACE(status);
    client_->pool().close_idle();
    Call call;
    start(call, {.method = "POST",
                 .target = target(url("/")),
                 .body = "body",
                 .content_fields = "Content-Type: a/b\r\n"});
    Peer peer = accept();
    head_at(peer);
    peer.received.clear();
    peer.send(redirect(status, "/next"));
    const std::string next = serve(peer, kAnswer);
    ASSERT_TRUE(ends(call));
    const bool kept = status >= 307;
    EXPECT_TRUE(next.starts_with(kept ? "POST /next " : "GET /next ")) << next;
    EXPECT_EQ(has(next, "Content-Length: 4\r\nContent-Type: a/b\r\n"), kept);
    EXPECT_EQ(peer.received, kept ? "body" : "");
    EXPECT_EQ(call->method(), kept ? "POST" : "GET");
  }
}

TEST_F(RedirectClientTest, ConnectsAnewWhereTheConnectionClosed) {
  Call call;
  get(call);
  Peer peer = accept();
  serve(peer, redirect(302, "/", "Connection: close\r\n", "until the end"));
  peer.end_sending();
  Peer next = accept();
  serve(next, kAnswer);
  ASSERT_TRUE(ends(call));
  EXPECT_EQ(call->body(), "here");
  EXPECT_FALSE(call->timings().reused_connection);
}

TEST_F(RedirectClientTest, DoesNotReadALargeBodyToItsEnd) {
  Call call;
  get(call);
  Peer peer = accept();
  serve(peer, redirect(302, "/next", "Content-Length: 100000000\r\n",
                       std::string(100000, 'x')));
  Peer next = accept();
  EXPECT_TRUE(has(serve(next, kAnswer), "GET /next "));
  ASSERT_TRUE(ends(call));
  EXPECT_EQ(call->body(), "here");
  EXPECT_TRUE(closes(peer));
  ASSERT_EQ(seen_.size(), 2u);
  EXPECT_EQ(seen_[0].timings.handled, Instant{});
}

TEST_F(RedirectClientTest, IsAnAnswerLikeOthersWhereNotFollowed) {
  Call call;
  get(call, "/", {.follow_redirects = false});
  Peer peer = accept();
  serve(peer, redirect(302, "/x"));
  ASSERT_TRUE(ends(call));
  EXPECT_EQ(call->status(), 302);
  EXPECT_TRUE(call->history().empty());
  Call without;
  get(without);
  serve(peer, "HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n");
  ASSERT_TRUE(ends(without));
  EXPECT_EQ(without->status(), 302);
  EXPECT_TRUE(without->done());
}

// There is no answer to give then: the failure is told as one.
TEST_F(RedirectClientTest, FailsWhereTheLocationCannotBeUsed) {
  Call call;
  get(call);
  Peer peer = accept();
  serve(peer, redirect(302, "ftp://x/"));
  ASSERT_TRUE(ends(call));
  EXPECT_EQ(call.code(), ErrorCode::http_invalid_redirect);
  EXPECT_EQ(call.failures, 1);
  EXPECT_EQ(call.heads + call.progresses, 0);
  EXPECT_FALSE(call->has_head());
}

TEST_F(RedirectClientTest, FailsAfterTooMany) {
  for (const int most : {1, 3}) {
    client_->pool().close_idle();
    seen_.clear();
    Call call;
    get(call, "/", {.max_redirects = most});
    Peer peer = accept();
    for (int i = 0; i < most; i++) serve(peer, redirect(302, "/"));
    ASSERT_TRUE(ends(call));
    EXPECT_EQ(call.code(), ErrorCode::http_too_many_redirects);
    EXPECT_EQ(call.failures, 1);
    EXPECT_FALSE(call->has_head());
    EXPECT_EQ(seen_.size(), static_cast<size_t>(most));
  }
}

TEST_F(RedirectClientTest, TakesNoBoundAsNone) {
  Call call;
  get(call, "/", {.max_redirects = 0});
  Peer peer = accept();
  for (int i = 0; i < 15; i++) serve(peer, redirect(302, "/"));
  serve(peer, kAnswer);
  ASSERT_TRUE(ends(call));
  EXPECT_EQ(call->status(), 200);
  EXPECT_EQ(call->history().size(), 15u);
}

// It is of no interest, nor is what goes wrong with it.
TEST_F(RedirectClientTest, LeavesABodyThatBreaksOff) {
  for (const bool resets : {false, true}) {
    Call call;
    get(call);
    Peer peer = accept();
    serve(peer, redirect(302, "/", "Content-Length: 5\r\n", "ab"));
    ASSERT_TRUE(until([&] { return call->status() == 302; }));
    if (resets)
      peer.reset();
    else
      peer.end_sending();
    Peer next = accept();
    serve(next, kAnswer);
    ASSERT_TRUE(ends(call));
    EXPECT_TRUE(call->done()) << call.detail();
    EXPECT_EQ(call->history().size(), 1u);
    EXPECT_EQ(seen_.size(), 2u);
    EXPECT_EQ(seen_[0].code, ErrorCode::none);
    seen_.clear();
    next.end_sending();
    client_->pool().close_idle();
  }
}

TEST_F(RedirectClientTest, FailsWhereTheNextServerRefuses) {
  const Fd nobody = net::refusing();
  Call call;
  get(call);
  Peer peer = accept();
  serve(peer, redirect(302, "http://127.0.0.1:" +
                                std::to_string(net::port_of(nobody.get()))));
  ASSERT_TRUE(ends(call));
  EXPECT_EQ(call.code(), ErrorCode::connect_refused);
  EXPECT_EQ(call->head(), "");
  EXPECT_EQ(call.failures, 1);
}

TEST_F(RedirectClientTest, CancelsOnTheWay) {
  Call call;
  get(call);
  Peer peer = accept();
  serve(peer, redirect(302, "/", "Content-Length: 5\r\n", "ab"));
  ASSERT_TRUE(until([&] { return call->status() == 302; }));
  EXPECT_FALSE(call->has_head());
  call.release();
  EXPECT_TRUE(closes(peer));
  ASSERT_EQ(seen_.size(), 1u);
  EXPECT_EQ(seen_[0].code, ErrorCode::none);
}

TEST_F(RedirectClientTest, RepeatsEachHopOnce) {
  Peer first = kept_connection();
  Call call;
  get(call);
  first.close();
  Peer second = accept();
  serve(second, redirect(302, "/"));
  // Closed behind the next request, which took the same connection.
  head_at(second);
  second.end_sending();
  Peer third = accept();
  serve(third, kAnswer);
  ASSERT_TRUE(ends(call));
  EXPECT_TRUE(call->done()) << call.detail();
}

TEST_F(RedirectClientTest, StaysOnTheUnixSocket) {
  const std::string path =
      testing::TempDir() + "molotov_redirect_" + std::to_string(getpid());
  std::filesystem::remove(path);
  Fd listener(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  ASSERT_EQ(bind(listener.get(), reinterpret_cast<const sockaddr*>(&address),
                 sizeof address),
            0);
  ASSERT_EQ(listen(listener.get(), 8), 0);
  Call call;
  start(call,
        {.target = target("http://example.invalid/", {.unix_path = path})});
  Peer peer = accept(listener);
  serve(peer, redirect(302, "http://example.invalid/next"));
  EXPECT_TRUE(has(serve(peer, kAnswer), "GET /next "));
  ASSERT_TRUE(ends(call));
  EXPECT_TRUE(call->done()) << call.detail();
  std::filesystem::remove(path);
}

TEST_F(RedirectClientTest, KeepsCookiesAndSendsThem) {
  client_->cookies().set_shared("shared", "1");
  client_->cookies() = CookieJar({.accept_ip_hosts = true});
  Call call;
  get(call);
  Peer peer = accept();
  EXPECT_FALSE(has(serve(peer, redirect(302, "/",
                                        "Set-Cookie: a=1\r\n"
                                        "Set-Cookie: b=2\r\n"
                                        "Content-Length: 0\r\n")),
                   "Cookie"));
  EXPECT_TRUE(has(serve(peer, kAnswer), "Cookie: a=1; b=2\r\n"));
  ASSERT_TRUE(ends(call));
  Call own;
  start(own, {.target = target(url("/")), .own_cookies = "b=3; c=4"});
  EXPECT_TRUE(has(serve(peer, kAnswer), "Cookie: a=1; b=3; c=4\r\n"));
  ASSERT_TRUE(ends(own));
}

TEST_F(RedirectClientTest, KeepsAndSendsNoCookiesWhereTheyAreOff) {
  client_->cookies() = CookieJar({.accept_ip_hosts = true});
  client_->cookies().set_shared("shared", "1");
  client_->set_cookies_off();
  Call call;
  get(call);
  Peer peer = accept();
  EXPECT_FALSE(has(serve(peer,
                         "HTTP/1.1 200 OK\r\nSet-Cookie: a=1\r\n"
                         "Content-Length: 0\r\n\r\n"),
                   "Cookie"));
  ASSERT_TRUE(ends(call));
  EXPECT_EQ(client_->cookies().size(), 1u);
}

}  // namespace
}  // namespace molotov::http
