// What TLS connections share: trust, identity, sessions to resume. Made after a
// fork, one or more a process; used on one thread.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "net/tls_client.h"

struct bio_method_st;
struct ssl_ctx_st;

namespace molotov::net {

class SessionCache;  // session_cache.h

struct TlsClientOptions {
  bool verify = true;  // the certificate and its name
  // PEM; "": SSL_CERT_FILE, else the system's trust store.
  std::string ca_file = {};
  std::string certificate_file = {};  // PEM chain; "": none
  std::string key_file = {};          // PEM; "": in certificate_file
  std::vector<std::string> alpn = {"http/1.1"};
};

class TlsContext final : public TlsClient {
 public:
  // A client's. Fails with tls_configuration, naming the file.
  static Result<std::unique_ptr<TlsContext>> client(
      const TlsClientOptions& options);
  // A server's, from PEM texts. It agrees to the first of `alpn` that the
  // client offers too, and to no protocol where there is none.
  static Result<std::unique_ptr<TlsContext>> server(
      std::string_view certificate_chain_pem, std::string_view key_pem,
      const std::vector<std::string>& alpn = {"http/1.1"});
  ~TlsContext() override;

  // REQUIRES: it is a client's.
  io::Task<Result<std::unique_ptr<Stream>>> connect(
      io::EpollLoop& loop, std::unique_ptr<Stream> transport,
      std::string server_name, uint16_t port) const override;

  ssl_ctx_st* get() const { return context_; }
  // The sessions that clients may resume. Connections share and change them.
  SessionCache& sessions() const { return *sessions_; }
  // How OpenSSL reaches the stream under it (tls_stream.cc).
  const bio_method_st* transport() const { return transport_; }

 private:
  TlsContext();
  Result<> prepare(const std::vector<std::string>& alpn);
  Result<> use_options(const TlsClientOptions& options);
  Result<> use_identity(std::string_view certificate_chain_pem,
                        std::string_view key_pem);

  ssl_ctx_st* context_;
  bio_method_st* transport_;
  std::string alpn_;  // as on the wire
  std::unique_ptr<SessionCache> sessions_;
};

}  // namespace molotov::net
