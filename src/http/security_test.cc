// Aim: whoever says another thing of TLS has another origin, and so connections
// of its own; redirects and proxies go by what the request says.
#include "http/testing.h"

namespace molotov::http {
namespace {

// Refuses every connection, and says whom it was to be with.
class RefusingTls final : public net::TlsClient {
 public:
  io::Task<Result<std::unique_ptr<net::Stream>>> connect(
      io::EpollLoop&, std::unique_ptr<net::Stream>, std::string server_name,
      uint16_t) const override {
    co_return fail(ErrorCode::tls_handshake, "refused " + server_name);
  }
};

class SecurityTest : public ClientTest {
 protected:
  const Origin* origin(const std::string& text, const Security& security) {
    return *context_->origin_of(*parse_url(text), security);
  }
  std::string port() const {
    return std::to_string(net::port_of(listener_.get()));
  }
  // What a GET of it fails with.
  std::string failure_of(const std::string& text, const Security& security,
                         const Route& route = {}) {
    targets_.push_back(
        *context_->make_target(*parse_url(text), security, route));
    Call call;
    start(call, {.target = &targets_.back()}, {.security = &security});
    EXPECT_TRUE(ends(call));
    return call.detail();
  }

  RefusingTls tls_;
  RefusingTls other_tls_;
};

TEST_F(SecurityTest, OriginsAreTheSameWhereAllOfItIs) {
  const std::string digest(32, 'x');
  const Security all[] = {
      {.client = &tls_},
      {.client = &other_tls_},
      {.client = &tls_, .server_name = "other"},
      {.client = &tls_, .fingerprint = digest},
      {.verify = false},
      {.verify = false, .server_name = "other"},
  };
  for (const Security& one : all)
    for (const Security& other : all)
      EXPECT_EQ(origin("https://a/", one) == origin("https://a/", other),
                &one == &other);
}

TEST_F(SecurityTest, PlainOriginsDoNotHaveIt) {
  const Security own{.client = &tls_, .server_name = "other"};
  EXPECT_EQ(origin("http://a/", own), origin("http://a/", {}));
  EXPECT_FALSE(origin("http://a/", own)->tls);
}

TEST_F(SecurityTest, TheNameIsTheRequestsOrTheHosts) {
  const std::string url = "https://127.0.0.1:" + port() + "/";
  EXPECT_EQ(failure_of(url, {.client = &tls_}), "refused 127.0.0.1");
  EXPECT_EQ(failure_of(url, {.client = &tls_, .server_name = "other"}),
            "refused other");
}

TEST_F(SecurityTest, AProxyIsSpokenToUnderItsOwnName) {
  const Security security{.client = &tls_, .server_name = "other"};
  const auto proxy = context_->intern(
      {.address = {"127.0.0.1", net::port_of(listener_.get())}}, true,
      security);
  EXPECT_EQ(failure_of("https://a.test/", security, {.proxy = *proxy}),
            "refused 127.0.0.1");
}

TEST_F(SecurityTest, RedirectsGoByTheSame) {
  const Security security{.client = &tls_, .server_name = "other"};
  Call call;
  targets_.push_back(*context_->make_target(*parse_url(url("/")), security));
  start(call, {.target = &targets_.back()}, {.security = &security});
  Peer peer = accept();
  serve(peer, "HTTP/1.1 302 Found\r\nLocation: https://127.0.0.1:" + port() +
                  "/\r\nContent-Length: 0\r\n\r\n");
  ASSERT_TRUE(ends(call));
  EXPECT_EQ(call.detail(), "refused other");
}

}  // namespace
}  // namespace molotov::http
