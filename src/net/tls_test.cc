// TLS between our own two ends over loopback, with certificates made on the
// spot: who is trusted, what is said of who is not, sessions, ALPN, stamps.
#include <fcntl.h>
#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

#include <fstream>

#include "net/certificate.h"
#include "net/session_cache.h"
#include "net/tcp_stream.h"
#include "net/testing.h"
#include "net/tls_context.h"
#include "net/tls_stream.h"

namespace molotov::net {
namespace {

using Streams =
    std::pair<Result<std::unique_ptr<Stream>>, Result<std::unique_ptr<Stream>>>;

class TlsTest : public LoopTest {
 protected:
  TlsTest() : authority_(*make_authority("Test Authority")) {}
  ~TlsTest() override {
    for (const std::string& file : files_) unlink(file.c_str());
  }

  std::string file_of(const std::string& text) {
    files_.push_back(testing::TempDir() + fmt::format("net_tls_test_{}_{}.pem",
                                                      getpid(), files_.size()));
    std::ofstream(files_.back()) << text;
    return files_.back();
  }
  std::unique_ptr<TlsContext> server_for(
      const std::vector<std::string>& hosts,
      Validity validity = Validity::days(1)) {
    const Identity identity = *issue(authority_, hosts, validity);
    return std::move(
        *TlsContext::server(identity.certificate_pem, identity.key_pem));
  }
  TlsClientOptions trusting() {
    TlsClientOptions options;
    options.ca_file = file_of(authority_.certificate_pem);
    return options;
  }
  std::unique_ptr<TlsContext> client(const TlsClientOptions& options) {
    auto context = TlsContext::client(options);
    EXPECT_TRUE(context.has_value()) << context.error().message();
    return std::move(*context);
  }
  std::unique_ptr<TcpStream> adopt(Fd fd) {
    return std::move(*TcpStream::adopt(*loop_, std::move(fd)));
  }

  // Client and server, both done.
  Streams shake_hands(const TlsContext& client, const TlsContext& server,
                      const std::string& name) {
    auto [ours, theirs] = connected_pair();
    auto client_task = tls_handshake(*loop_, adopt(std::move(ours)), client,
                                     TlsRole::client, name, 443);
    auto server_task = tls_handshake(*loop_, adopt(std::move(theirs)), server,
                                     TlsRole::server, "", 0);
    client_task.start();
    server_task.start();
    EXPECT_TRUE(
        turn_until([&] { return client_task.done() && server_task.done(); }));
    return {client_task.result(), server_task.result()};
  }

  // Until the sessions that the server issued have been read.
  void settle(Stream& client, Stream& server) {
    Reader reader(client);
    ASSERT_EQ(server.write("x").status, IoStatus::ok);
    ASSERT_TRUE(turn_until([&] { return reader.text == "x"; }));
    client.set_listener(nullptr);
  }

  Identity authority_;
  std::vector<std::string> files_;
};

// As through the tunnel of a proxy that is spoken to by TLS.
TEST_F(TlsTest, WorksWithinTls) {
  auto outer_server = server_for({"proxy.test"});
  auto inner_server = server_for({"target.test"});
  auto trusting_client = client(trusting());
  auto [outer_ours, outer_theirs] =
      shake_hands(*trusting_client, *outer_server, "proxy.test");
  ASSERT_TRUE(outer_ours && outer_theirs);
  auto client_task =
      tls_handshake(*loop_, std::move(*outer_ours), *trusting_client,
                    TlsRole::client, "target.test", 443);
  auto server_task = tls_handshake(*loop_, std::move(*outer_theirs),
                                   *inner_server, TlsRole::server, "", 0);
  client_task.start();
  server_task.start();
  ASSERT_TRUE(
      turn_until([&] { return client_task.done() && server_task.done(); }));
  auto ours = client_task.result();
  auto theirs = server_task.result();
  ASSERT_TRUE(ours && theirs);
  // More than both sides' buffers hold.
  const std::string sent(8 << 20, 'x');
  std::string_view rest = sent;
  Reader reader(**theirs);
  ASSERT_TRUE(turn_until([&] {
    for (IoResult took = (*ours)->write(rest); took.bytes > 0;
         took = (*ours)->write(rest))
      rest.remove_prefix(took.bytes);
    return reader.text.size() == sent.size();
  }));
  EXPECT_EQ(reader.text, sent);
  ours->reset();
  EXPECT_TRUE(
      turn_until([&] { return reader.last.status == IoStatus::closed; }));
}

TEST_F(TlsTest, AVerifiedConnectionCarriesBytesBothWays) {
  const auto server = server_for({"example.com"});
  const auto context = client(trusting());
  auto [ours, theirs] = shake_hands(*context, *server, "example.com");
  ASSERT_TRUE(ours.has_value()) << ours.error().message();
  ASSERT_TRUE(theirs.has_value()) << theirs.error().message();
  EXPECT_TRUE((*ours)->is_tls());
  EXPECT_EQ((*ours)->alpn(), "http/1.1");
  EXPECT_EQ((*theirs)->alpn(), "http/1.1");
  Reader at_client(**ours), at_server(**theirs);
  EXPECT_EQ((*ours)->write("ping").bytes, 4u);
  ASSERT_TRUE(turn_until([&] { return at_server.text == "ping"; }));
  EXPECT_TRUE(at_server.last.drained);
  EXPECT_EQ((*theirs)->write("pong").bytes, 4u);
  ASSERT_TRUE(turn_until([&] { return at_client.text == "pong"; }));
}

TEST_F(TlsTest, WhoIsTrusted) {
  const Identity stranger = *make_authority("Stranger");
  const auto days = [](int from, int to) {
    const WallInstant now = WallClock::now();
    return Validity{now + std::chrono::hours(24 * from),
                    now + std::chrono::hours(24 * to)};
  };
  struct Row {
    const char* what;
    std::vector<std::string> hosts;  // of the certificate
    Validity validity;
    const char* name;  // that is asked for
    bool ours;         // issued by the authority that is trusted
    ErrorCode code;
    const char* text;  // that the detail has
  };
  const Row rows[] = {
      {"name",
       {"example.com"},
       days(-1, 1),
       "example.com",
       true,
       ErrorCode::none,
       ""},
      {"name, other case and a dot",
       {"example.com"},
       days(-1, 1),
       "Example.COM.",
       true,
       ErrorCode::none,
       ""},
      {"second name",
       {"a.test", "b.test"},
       days(-1, 1),
       "b.test",
       true,
       ErrorCode::none,
       ""},
      {"wildcard",
       {"*.example.com"},
       days(-1, 1),
       "www.example.com",
       true,
       ErrorCode::none,
       ""},
      {"IPv4",
       {"127.0.0.1"},
       days(-1, 1),
       "127.0.0.1",
       true,
       ErrorCode::none,
       ""},
      {"IPv6", {"::1"}, days(-1, 1), "::1", true, ErrorCode::none, ""},
      {"other name",
       {"foo.test", "*.foo.test"},
       days(-1, 1),
       "example.com",
       true,
       ErrorCode::tls_wrong_host,
       "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: Hostname "
       "mismatch, certificate is not valid for 'example.com'. (TLS handshake "
       "with example.com:443: the certificate is for foo.test, *.foo.test)"},
      {"wildcard too deep",
       {"*.example.com"},
       days(-1, 1),
       "a.b.example.com",
       true,
       ErrorCode::tls_wrong_host,
       "not valid for 'a.b.example.com'."},
      {"other address",
       {"10.0.0.1", "::2"},
       days(-1, 1),
       "127.0.0.1",
       true,
       ErrorCode::tls_wrong_host,
       "IP address mismatch, certificate is not valid for '127.0.0.1'. (TLS "
       "handshake with 127.0.0.1:443: the certificate is for 10.0.0.1, ::2)"},
      {"expired",
       {"example.com"},
       days(-3, -2),
       "example.com",
       true,
       ErrorCode::tls_expired,
       "certificate has expired (TLS handshake with example.com:443: the "
       "certificate expired on 20"},
      {"not yet",
       {"example.com"},
       days(2, 3),
       "example.com",
       true,
       ErrorCode::tls_expired,
       "the certificate is not valid before 20"},
      {"stranger's",
       {"example.com"},
       days(-1, 1),
       "example.com",
       false,
       ErrorCode::tls_untrusted,
       "unable to get local issuer certificate"},
  };
  const auto context = client(trusting());
  for (const Row& row : rows) {
    const Identity identity =
        *issue(row.ours ? authority_ : stranger, row.hosts, row.validity);
    const auto server =
        *TlsContext::server(identity.certificate_pem, identity.key_pem);
    auto [ours, theirs] = shake_hands(*context, *server, row.name);
    if (row.code == ErrorCode::none) {
      EXPECT_TRUE(ours.has_value()) << row.what << ours.error().message();
      continue;
    }
    ASSERT_FALSE(ours.has_value()) << row.what;
    EXPECT_EQ(ours.error().code, row.code) << row.what;
    EXPECT_NE(ours.error().detail.find(row.text), std::string::npos)
        << row.what << ": " << ours.error().detail;
    EXPECT_FALSE(theirs.has_value()) << row.what;
  }
}

TEST_F(TlsTest, WithoutVerificationAnythingGoes) {
  const Validity past{WallClock::now() - 48h, WallClock::now() - 24h};
  const auto server = server_for({"other.test"}, past);
  const auto context = client({.verify = false});
  auto [ours, theirs] = shake_hands(*context, *server, "example.com");
  EXPECT_TRUE(ours.has_value());
}

TEST_F(TlsTest, TheSystemDoesNotTrustAnAuthorityOfOnesOwn) {
  const auto server = server_for({"example.com"});
  const auto context = client({});
  auto [ours, theirs] = shake_hands(*context, *server, "example.com");
  ASSERT_FALSE(ours.has_value());
  EXPECT_EQ(ours.error().code, ErrorCode::tls_untrusted);
}

TEST_F(TlsTest, TakesTheAuthoritiesOfSslCertFile) {
  setenv("SSL_CERT_FILE", file_of(authority_.certificate_pem).c_str(), 1);
  const auto context = TlsContext::client({});
  setenv("SSL_CERT_FILE", "/nonexistent", 1);
  const auto bad = TlsContext::client({});
  unsetenv("SSL_CERT_FILE");
  ASSERT_TRUE(context.has_value());
  const auto server = server_for({"example.com"});
  EXPECT_TRUE(shake_hands(**context, *server, "example.com").first.has_value());
  ASSERT_FALSE(bad.has_value());
  EXPECT_EQ(bad.error().message(),
            "tls_configuration: certificate authorities of '/nonexistent': No "
            "such file or directory");
}

TEST_F(TlsTest, ConfigurationThatCannotBeUsedNamesTheFile) {
  const std::string junk = file_of("junk");
  const Identity one = *issue(authority_, {"one"});
  const Identity two = *issue(authority_, {"two"});
  const std::string certificate = file_of(one.certificate_pem);
  const std::string key = file_of(two.key_pem);
  struct Row {
    TlsClientOptions options;
    std::string file;
  };
  TlsClientOptions bad_authority, bad_certificate, no_key, other_key;
  bad_authority.ca_file = bad_certificate.certificate_file = junk;
  no_key.certificate_file = other_key.certificate_file = certificate;
  other_key.key_file = key;
  for (const Row& row : {Row{bad_authority, junk},
                         {bad_certificate, junk},
                         {no_key, certificate},
                         {other_key, key}}) {
    const auto context = TlsContext::client(row.options);
    ASSERT_FALSE(context.has_value());
    EXPECT_EQ(context.error().code, ErrorCode::tls_configuration);
    EXPECT_NE(context.error().detail.find(row.file), std::string::npos)
        << context.error().detail;
  }
  EXPECT_FALSE(TlsContext::server("junk", one.key_pem).has_value());
  EXPECT_FALSE(TlsContext::server(one.certificate_pem, "junk").has_value());
  EXPECT_FALSE(
      TlsContext::server(one.certificate_pem, two.key_pem).has_value());
}

TEST_F(TlsTest, PresentsAClientCertificate) {
  const auto server = server_for({"example.com"});
  SSL_CTX_set_verify(server->get(),
                     SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT,
                     nullptr);
  SSL_CTX_load_verify_file(server->get(),
                           file_of(authority_.certificate_pem).c_str());
  const Identity identity = *issue(authority_, {"me"});
  TlsClientOptions options = trusting();
  options.certificate_file = file_of(identity.certificate_pem);
  options.key_file = file_of(identity.key_pem);
  {
    auto [ours, theirs] = shake_hands(*client(options), *server, "example.com");
    EXPECT_TRUE(theirs.has_value()) << theirs.error().message();
  }
  // Without one. In TLS 1.3 the client learns of it after its handshake.
  const auto context = client(trusting());
  auto [ours, theirs] = shake_hands(*context, *server, "example.com");
  EXPECT_FALSE(theirs.has_value());
  ASSERT_TRUE(ours.has_value());
  Reader reader(**ours);
  reader.read_all();
  ASSERT_TRUE(
      turn_until([&] { return reader.last.status == IoStatus::failed; }));
  EXPECT_EQ((*ours)->error().code, ErrorCode::tls_failed);
  EXPECT_NE((*ours)->error().detail.find("certificate required"),
            std::string::npos)
      << (*ours)->error().detail;
}

TEST_F(TlsTest, ResumesASessionOfThatNameAndPort) {
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    const auto server = server_for({"a.test", "b.test"});
    SSL_CTX_set_max_proto_version(server->get(), version);
    const auto context = client(trusting());
    // How many handshakes the server has resumed so far.
    const auto resumed = [&](const std::string& name) {
      auto [ours, theirs] = shake_hands(*context, *server, name);
      EXPECT_TRUE(ours.has_value() && theirs.has_value());
      settle(**ours, **theirs);
      return SSL_CTX_sess_hits(server->get());
    };
    EXPECT_EQ(resumed("a.test"), 0) << version;
    EXPECT_EQ(context->sessions().size(), 1u);
    EXPECT_EQ(resumed("a.test"), 1) << version;
    EXPECT_EQ(resumed("b.test"), 1) << version;
    EXPECT_EQ(resumed("a.test"), 2) << version;
    EXPECT_EQ(resumed("b.test"), 3) << version;
  }
}

TEST_F(TlsTest, SessionsAreBounded) {
  SessionCache cache(2);
  for (const char* key : {"a", "b", "c"})
    cache.put(key, TlsSession(SSL_SESSION_new()));
  EXPECT_EQ(cache.size(), 2u);
  EXPECT_FALSE(cache.take("a"));
  EXPECT_TRUE(cache.take("b"));
}

TEST_F(TlsTest, StampsComeThrough) {
  const auto server = server_for({"example.com"});
  const auto context = client(trusting());
  auto [ours, theirs] = shake_hands(*context, *server, "example.com");
  settle(**ours, **theirs);
  Reader reader(**ours);
  for (int i = 0; i < 1000 && !reader.arrival.stamped; i++) {
    reader.text.clear();
    (*theirs)->write("x");
    const Instant sent = MonotonicClock::now();
    while (MonotonicClock::now() < sent + 2ms) {
    }
    ASSERT_TRUE(turn_until([&] { return !reader.text.empty(); }));
    if (reader.arrival.stamped) {
      EXPECT_LE(reader.arrival.at, sent);
    }
  }
  EXPECT_TRUE(reader.arrival.stamped);
}

TEST_F(TlsTest, MuchDataInSmallReads) {
  const auto server = server_for({"example.com"});
  const auto context = client(trusting());
  auto [ours, theirs] = shake_hands(*context, *server, "example.com");
  const int little = 1 << 16;
  setsockopt((*theirs)->fd(), SOL_SOCKET, SO_SNDBUF, &little, sizeof little);
  std::string much(16 << 20, '\0');
  for (size_t i = 0; i < much.size(); i++) much[i] = char(i * 7 + i / 1000);
  std::string_view left = much;
  Reader from(**theirs), reader(**ours);
  from.on_room = [&] {
    while (!left.empty()) {
      const IoResult result = (*theirs)->write(left);
      if (result.status != IoStatus::ok) break;
      left.remove_prefix(result.bytes);
    }
  };
  reader.on_data = [&] {
    char bytes[1000];
    IoResult result;
    do {
      result = (*ours)->read(bytes);
      reader.text.append(bytes, result.bytes);
    } while (result.status == IoStatus::ok && !result.drained);
  };
  from.on_room();
  EXPECT_FALSE(left.empty());  // it did block
  ASSERT_TRUE(turn_until([&] { return reader.text.size() >= much.size(); }));
  EXPECT_TRUE(reader.text == much);
}

TEST_F(TlsTest, WhatCameBehindTheHandshakeIsTold) {
  const auto server = server_for({"example.com"});
  const auto context = client(trusting());
  auto [ours, theirs] = connected_pair();
  auto client_task = tls_handshake(*loop_, adopt(std::move(ours)), *context,
                                   TlsRole::client, "example.com", 443);
  auto server_task = tls_handshake(*loop_, adopt(std::move(theirs)), *server,
                                   TlsRole::server, "", 0);
  client_task.start();
  server_task.start();
  // The client's request is there before the server reads its Finished.
  ASSERT_TRUE(turn_until([&] { return client_task.done(); }));
  auto client_stream = std::move(*client_task.result());
  client_stream->write("request");
  ASSERT_TRUE(turn_until([&] { return server_task.done(); }));
  auto server_stream = std::move(*server_task.result());
  Reader reader(*server_stream);
  EXPECT_TRUE(turn_until([&] { return reader.text == "request"; }));
}

TEST_F(TlsTest, EndsInOrderWithAndWithoutCloseNotify) {
  const auto server = server_for({"example.com"});
  const auto context = client(trusting());
  for (const bool notify : {true, false}) {
    auto [ours, theirs] = shake_hands(*context, *server, "example.com");
    Reader reader(**ours);
    (*theirs)->write("bye");
    // Behind OpenSSL's back, as a server that just closes.
    if (!notify) shutdown((*theirs)->fd(), SHUT_RDWR);
    theirs->reset();
    ASSERT_TRUE(turn_until([&] {
      return reader.last.status == IoStatus::closed;
    })) << notify;
    EXPECT_EQ(reader.text, "bye");
    EXPECT_TRUE(reader.hung_up);
  }
}

TEST_F(TlsTest, EndsItsOwnSideAlone) {
  const auto server = server_for({"example.com"});
  const auto context = client(trusting());
  auto [ours, theirs] = shake_hands(*context, *server, "example.com");
  Reader at_server(**theirs), at_client(**ours);
  (*ours)->shut_down_write();
  ASSERT_TRUE(
      turn_until([&] { return at_server.last.status == IoStatus::closed; }));
  (*theirs)->write("still here");
  ASSERT_TRUE(turn_until([&] { return at_client.text == "still here"; }));
}

TEST_F(TlsTest, AResetIsOne) {
  const auto server = server_for({"example.com"});
  const auto context = client(trusting());
  auto [ours, theirs] = shake_hands(*context, *server, "example.com");
  Reader reader(**ours);
  // Disconnects without a word of TLS.
  const sockaddr nowhere{AF_UNSPEC, {}};
  ASSERT_EQ(0, connect((*theirs)->fd(), &nowhere, sizeof nowhere));
  ASSERT_TRUE(
      turn_until([&] { return reader.last.status == IoStatus::failed; }));
  EXPECT_EQ((*ours)->error().code, ErrorCode::reset);
}

TEST_F(TlsTest, ARefusalHasOpensslsNumber) {
  const auto context = client(trusting());
  const auto other = server_for({"foo.test"});
  auto [ours, theirs] = shake_hands(*context, *other, "example.com");
  ASSERT_FALSE(ours.has_value());
  EXPECT_EQ(ours.error().verify_code, X509_V_ERR_HOSTNAME_MISMATCH);
}

TEST_F(TlsTest, TheFingerprintIsOfTheCertificate) {
  const auto server = server_for({"example.com"});
  const auto context = client({.verify = false});
  const auto connect = [&](const TlsPeer& peer) {
    auto [ours, theirs] = connected_pair();
    auto server_task = tls_handshake(*loop_, adopt(std::move(theirs)), *server,
                                     TlsRole::server, "", 0);
    server_task.start();
    return wait(
        secure(*loop_, adopt(std::move(ours)), peer, "example.com", 443));
  };
  const auto any = connect({context.get()});
  ASSERT_TRUE(any.has_value());
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  const std::string certificate = (*any)->peer_certificate();
  ASSERT_EQ(1, EVP_Digest(certificate.data(), certificate.size(), digest, &size,
                          EVP_sha256(), nullptr));
  std::string pinned(reinterpret_cast<const char*>(digest), size);
  EXPECT_TRUE(connect({context.get(), "", pinned}).has_value());
  pinned[0] ^= 1;
  const auto other = connect({context.get(), "", pinned});
  ASSERT_FALSE(other.has_value());
  EXPECT_EQ(other.error().code, ErrorCode::tls_fingerprint);
  EXPECT_TRUE(other.error().detail.starts_with("the certificate of 127.0.0.1:"))
      << other.error().detail;
}

TEST_F(TlsTest, ThePeersNameIsItsOwnWhereItHasOne) {
  const auto server = server_for({"inner.test"});
  const auto context = client(trusting());
  for (const char* name : {"inner.test", ""}) {
    auto [ours, theirs] = connected_pair();
    auto server_task = tls_handshake(*loop_, adopt(std::move(theirs)), *server,
                                     TlsRole::server, "", 0);
    server_task.start();
    const auto stream =
        wait(secure(*loop_, adopt(std::move(ours)), {context.get(), name, ""},
                    "example.com", 443));
    EXPECT_EQ(stream.has_value(), *name != '\0');
  }
}

TEST_F(TlsTest, APeerThatDoesNotSpeakTlsIsNamed) {
  struct Row {
    const char* answer;  // "": closes
    const char* text;
  };
  const auto context = client({.verify = false});
  for (const Row& row :
       {Row{"HTTP/1.1 400 Bad Request\r\n\r\n", "; does it speak TLS?)"},
        {"", "the peer closed the connection"}}) {
    auto [ours, theirs] = connected_pair();
    const std::string_view answer = row.answer;
    ASSERT_EQ(ssize_t(answer.size()),
              send(theirs.get(), answer.data(), answer.size(), 0));
    shutdown(theirs.get(), SHUT_WR);
    const auto stream =
        wait(tls_handshake(*loop_, adopt(std::move(ours)), *context,
                           TlsRole::client, "example.com", 443));
    ASSERT_FALSE(stream.has_value());
    EXPECT_EQ(stream.error().code, ErrorCode::tls_handshake);
    EXPECT_NE(stream.error().detail.find("with example.com:443"),
              std::string::npos)
        << stream.error().detail;
    EXPECT_NE(stream.error().detail.find(row.text), std::string::npos)
        << stream.error().detail;
  }
}

TEST_F(TlsTest, VersionsBelow12AreRefused) {
  const auto server = server_for({"example.com"});
  SSL_CTX_set_min_proto_version(server->get(), TLS1_VERSION);
  SSL_CTX_set_max_proto_version(server->get(), TLS1_1_VERSION);
  const auto context = client(trusting());
  auto [ours, theirs] = shake_hands(*context, *server, "example.com");
  ASSERT_FALSE(ours.has_value());
  EXPECT_EQ(ours.error().code, ErrorCode::tls_handshake);
}

TEST_F(TlsTest, ListenerMayDestroyItWhenReadable) {
  const auto server = server_for({"example.com"});
  const auto context = client(trusting());
  auto [ours, theirs] = shake_hands(*context, *server, "example.com");
  Reader reader(**ours);
  reader.on_data = [&] { ours->reset(); };
  (*theirs)->write("x");
  EXPECT_TRUE(turn_until([&] { return !*ours; }));
}

TEST_F(TlsTest, AHandshakeMayBeGivenUpAtAnyTurn) {
  const auto server = server_for({"example.com"});
  const auto context = client(trusting());
  for (int turns = 0; turns < 6; turns++) {
    const size_t before = open_descriptors();
    auto [ours, theirs] = connected_pair();
    auto client_task = tls_handshake(*loop_, adopt(std::move(ours)), *context,
                                     TlsRole::client, "example.com", 443);
    auto server_task = tls_handshake(*loop_, adopt(std::move(theirs)), *server,
                                     TlsRole::server, "", 0);
    client_task.start();
    server_task.start();
    for (int i = 0; i < turns; i++) loop_->turn(0s);
    client_task = {};
    server_task = {};
    EXPECT_EQ(open_descriptors(), before);
  }
}

TEST(Certificate, RefusesWhatIsNoHost) {
  const Identity authority = *make_authority("Test Authority");
  for (const char* host : {"", "a,IP:10.0.0.1", "a b"}) {
    const auto identity = issue(authority, {host});
    ASSERT_FALSE(identity.has_value()) << host;
    EXPECT_EQ(identity.error().code, ErrorCode::invalid_argument);
  }
  EXPECT_FALSE(issue(authority, {}).has_value());
  EXPECT_FALSE(issue({"junk", "junk"}, {"a"}).has_value());
}

}  // namespace
}  // namespace molotov::net
