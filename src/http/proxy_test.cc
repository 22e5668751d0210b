// Requests by way of a proxy: in absolute form, through tunnels, and what
// becomes of those that the proxy does not make. (That TLS comes to stand
// through a tunnel is shown by tests/end_to_end/test_proxies.py.)
#include "http/proxy.h"

#include <stop_token>
#include <thread>

#include "http/testing.h"

namespace molotov::http {
namespace {

constexpr std::string_view kAnswer =
    "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nhere";

bool has(std::string_view head, std::string_view text) {
  return head.find(text) != std::string_view::npos;
}

class ProxyTest : public ClientTest {
 protected:
  // The listener of ClientTest is the proxy.
  const Proxy* proxy(std::string fields = "", const Fd* listener = nullptr) {
    const uint16_t port =
        net::port_of((listener ? *listener : listener_).get());
    return *context_->intern({.address = {"127.0.0.1", port},
                              .connect_fields = "Connect: 1\r\n" + fields,
                              .forward_fields = fields},
                             false);
  }
  void get_by(Call& call, const Proxy* by, const std::string& text,
              const ExchangeOptions& options = {}) {
    start(call, {.target = target(text, {.proxy = by})}, options);
  }
  // Asks for a tunnel, of which the proxy says `answer`.
  Peer ask_for_tunnel(Call& call, const ExchangeOptions& options = {}) {
    get_by(call, proxy("Proxy-Authorization: p\r\n"), "https://a.test/secret",
           options);
    Peer peer = accept();
    EXPECT_EQ(head_at(peer),
              "CONNECT a.test:443 HTTP/1.1\r\nHost: a.test\r\n"
              "Connect: 1\r\nProxy-Authorization: p\r\n\r\n");
    return peer;
  }
};

TEST_F(ProxyTest, PassesOnRequestsInAbsoluteForm) {
  Call call;
  get_by(call, proxy("Proxy-Authorization: p\r\n"),
         "http://u:v@a.test:80/b?c=d#e");
  Peer peer = accept();
  EXPECT_EQ(serve(peer, kAnswer),
            "GET http://a.test/b?c=d HTTP/1.1\r\nHost: a.test\r\n"
            "Proxy-Authorization: p\r\n\r\n");
  ASSERT_TRUE(ends(call));
  EXPECT_EQ(call->status(), 200);
}

TEST_F(ProxyTest, PassesOnAnOwnHostField) {
  Call call;
  start(call,
        {.target = target("http://a.test/b", {.proxy = proxy("P: 1\r\n")}),
         .host = "own"});
  Peer peer = accept();
  EXPECT_EQ(serve(peer, kAnswer),
            "GET http://a.test/b HTTP/1.1\r\nHost: own\r\nP: 1\r\n\r\n");
  EXPECT_TRUE(ends(call));
}

TEST_F(ProxyTest, KeepsConnectionsForTheSameProxyAlone) {
  EXPECT_EQ(proxy(), proxy());
  EXPECT_NE(proxy(), proxy("Proxy-Authorization: p\r\n"));
  Call first, again, other_host, other_user;
  get_by(first, proxy(), "http://a.test/");
  Peer peer = accept();
  serve(peer, kAnswer);
  ASSERT_TRUE(ends(first));
  get_by(other_host, proxy(), "http://b.test/");
  Peer second = accept();
  get_by(other_user, proxy("Proxy-Authorization: p\r\n"), "http://a.test/");
  Peer third = accept();
  get_by(again, proxy(), "http://a.test/");
  serve(peer, kAnswer);
  ASSERT_TRUE(ends(again));
  EXPECT_TRUE(again->timings().reused_connection);
  EXPECT_FALSE(other_host->timings().reused_connection);
  EXPECT_FALSE(other_user->timings().reused_connection);
}

struct Refusal {
  const char* name;
  std::string_view answer;
  ErrorCode code;
  std::string_view detail;
};

class RefusalTest : public ProxyTest,
                    public ::testing::WithParamInterface<Refusal> {};

const Refusal kRefusals[] = {
    {"Refused", "HTTP/1.1 407 Who\r\nA: 1\r\n\r\nbody",
     ErrorCode::http_proxy_refused, "407 Who"},
    {"NotQuite", "HTTP/1.1 204 OK\r\n\r\n", ErrorCode::http_proxy_refused,
     "204 OK"},
    {"AfterInterim", "HTTP/1.1 103 E\r\nX: y\r\n\r\nHTTP/1.1 502 No\r\n\r\n",
     ErrorCode::http_proxy_refused, "502 No"},
    {"Switching", "HTTP/1.1 101 Up\r\n\r\n", ErrorCode::http_proxy_refused,
     "101 Up"},
    {"Junk", "junk\r\n\r\n", ErrorCode::http_malformed, "proxy 127.0.0.1:"},
    {"Body", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nbody body",
     ErrorCode::tls_handshake, ": bytes behind its answer"},
};

// Also where the answer comes byte by byte.
TEST_P(RefusalTest, FailsAndCloses) {
  for (const size_t step : {GetParam().answer.size(), size_t{1}}) {
    Call call;
    Peer peer = ask_for_tunnel(call);
    std::string_view rest = GetParam().answer;
    while (!rest.empty() && !call.ended()) {
      peer.send(rest.substr(0, step));
      rest.remove_prefix(std::min(step, rest.size()));
      loop_->turn(0ms);
    }
    ASSERT_TRUE(ends(call));
    EXPECT_EQ(call.code(), GetParam().code) << call.detail();
    EXPECT_TRUE(has(call.detail(),
                    step == 1 && GetParam().name == std::string_view("Body")
                        ? "TLS handshake"
                        : GetParam().detail))
        << call.detail();
    EXPECT_TRUE(call->proxy_answer().reached);
    const bool refused = call.code() == ErrorCode::http_proxy_refused;
    EXPECT_EQ(has(call->proxy_answer().head, GetParam().detail), refused);
    EXPECT_FALSE(has(call->proxy_answer().head, "body"));
    EXPECT_TRUE(closes(peer));
    EXPECT_FALSE(has(peer.received, "secret"));
  }
}

INSTANTIATE_TEST_SUITE_P(Answers, RefusalTest, ::testing::ValuesIn(kRefusals),
                         [](const auto& info) { return info.param.name; });

TEST_F(ProxyTest, GivesUpOnAHeadThatDoesNotEnd) {
  Call call;
  Peer peer = ask_for_tunnel(call);
  peer.send("HTTP/1.1 200 OK\r\n");
  while (!call.ended()) {
    peer.send_some("Field: of-a-head-that-goes-on-and-on\r\n");
    loop_->turn(0ms);
  }
  EXPECT_EQ(call.code(), ErrorCode::http_too_large);
  EXPECT_TRUE(closes(peer));
}

TEST_F(ProxyTest, SaysThatTheProxyHasClosed) {
  for (const std::string_view sent : {"", "HTTP/1.1 20"}) {
    Call call;
    Peer peer = ask_for_tunnel(call);
    peer.send(sent);
    peer.close();
    ASSERT_TRUE(ends(call));
    EXPECT_EQ(call.code(), ErrorCode::http_disconnected);
    EXPECT_TRUE(has(call.detail(), "closed by the proxy 127.0.0.1:"));
  }
}

TEST_F(ProxyTest, BoundsTheTimeForATunnel) {
  Call call;
  Peer peer = ask_for_tunnel(call, {.timeout = {.connect = 20ms}});
  ASSERT_TRUE(ends(call));
  EXPECT_EQ(call.code(), ErrorCode::connect_timeout);
  EXPECT_TRUE(has(call.detail(), "a.test through the proxy 127.0.0.1:"));
  EXPECT_TRUE(closes(peer));
}

// Which keeps the socket readable, whatever is read from it.
TEST_F(ProxyTest, InterimAnswersWithoutEndDoNotKeepTimersFromTheirTurn) {
  Call call;
  Peer peer = ask_for_tunnel(call, {.timeout = {.connect = 50ms}});
  const std::jthread sending([&](const std::stop_token& stop) {
    while (!stop.stop_requested())
      peer.send_some("HTTP/1.1 103 Early Hints\r\n\r\n");
  });
  ASSERT_TRUE(ends(call));
  EXPECT_EQ(call.code(), ErrorCode::connect_timeout);
}

TEST_F(ProxyTest, CancelsWhileItWaitsForATunnel) {
  Call call;
  Peer peer = ask_for_tunnel(call);
  call->cancel();
  EXPECT_TRUE(closes(peer));
}

TEST_F(ProxyTest, SaysThatItWasNotReached) {
  Fd gone = listen_on_loopback();
  const Proxy* by = proxy("", &gone);
  gone = Fd();
  for (const char* text : {"http://a.test/", "https://a.test/"}) {
    Call call;
    get_by(call, by, text);
    ASSERT_TRUE(ends(call));
    EXPECT_EQ(call.code(), ErrorCode::connect_refused);
    EXPECT_FALSE(call->proxy_answer().reached);
  }
}

// Sends hops to `direct` there, all others by the proxy.
class SplitRouter final : public Router {
 public:
  SplitRouter(const Proxy* proxy, std::string direct)
      : proxy_(proxy), direct_(std::move(direct)) {}

 private:
  Result<Way> way_to(const Url& url) override {
    if (url.host == "broken")
      return fail(ErrorCode::http_invalid_url, "no way");
    if (url.origin() + "/" == direct_)
      return Way{.authorization = "Authorization: direct\r\n"};
    return Way{.route = {.proxy = proxy_},
               .authorization = "Authorization: p\r\n"};
  }
  const Proxy* proxy_;
  std::string direct_;
};

TEST_F(ProxyTest, AsksForTheWayOfEachHop) {
  Fd direct = listen_on_loopback();
  const std::string direct_url =
      "http://127.0.0.1:" + std::to_string(net::port_of(direct.get())) + "/";
  SplitRouter router(proxy("P: 1\r\n"), direct_url);
  Call call;
  start(call, {.target = target("http://a.test/", {.proxy = proxy("P: 1\r\n")}),
               .own_fields = "Authorization: first\r\n",
               .router = &router});
  Peer by_proxy = accept();
  const auto to = [](const std::string& url) {
    return "HTTP/1.1 307 Go\r\nLocation: " + url +
           "\r\nContent-Length: 0\r\n\r\n";
  };
  EXPECT_TRUE(has(serve(by_proxy, to("/same")), "Authorization: first\r\n"));
  EXPECT_TRUE(has(serve(by_proxy, to(direct_url)), "Authorization: first\r\n"));
  Peer server = accept(direct);
  const std::string second = serve(server, to("http://a.test/back"));
  EXPECT_TRUE(second.starts_with("GET / HTTP/1.1\r\n"));
  EXPECT_TRUE(has(second, "\r\nAuthorization: direct\r\n"));
  EXPECT_FALSE(has(second, "P: 1"));
  const std::string third = serve(by_proxy, to("http://broken/"));
  EXPECT_TRUE(third.starts_with("GET http://a.test/back HTTP/1.1\r\n"));
  EXPECT_TRUE(has(third, "\r\nAuthorization: p\r\n"));
  EXPECT_TRUE(has(third, "\r\nP: 1\r\n"));
  ASSERT_TRUE(ends(call));
  EXPECT_EQ(call.code(), ErrorCode::http_invalid_url);
  EXPECT_EQ(call.detail(), "no way");
}

TEST_F(ProxyTest, StaysWithTheProxyWithoutARouter) {
  Call call;
  get_by(call, proxy("P: 1\r\n"), "http://a.test/");
  Peer peer = accept();
  serve(peer,
        "HTTP/1.1 302 Go\r\nLocation: http://b.test/x\r\n"
        "Content-Length: 0\r\n\r\n");
  Peer other = accept();
  EXPECT_EQ(serve(other, kAnswer),
            "GET http://b.test/x HTTP/1.1\r\nHost: b.test\r\nP: 1\r\n\r\n");
  EXPECT_TRUE(ends(call));
}

}  // namespace
}  // namespace molotov::http
