// What TLS connections share: trust, identity, sessions to resume. Made after a
// fork, one or more a process; used on one thread.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

struct ssl_ctx_st;

namespace molotov::net {

struct TlsClientOptions {
  bool verify = true;   // the certificate and its name
  std::string ca_file;  // PEM; "": SSL_CERT_FILE, else the system's trust store
  std::string certificate_file;  // PEM chain; "": none
  std::string key_file;          // PEM; "": in certificate_file
  std::vector<std::string> alpn = {"http/1.1"};
};

class TlsContext {
 public:
  // Fails with tls_configuration, naming the file.
  static Result<std::unique_ptr<TlsContext>> client(
      const TlsClientOptions& options);
  // A server's, from PEM texts.
  static Result<std::unique_ptr<TlsContext>> server(
      std::string_view certificate_chain_pem, std::string_view key_pem);
  ~TlsContext();

  ssl_ctx_st* get() const { return context_; }

 private:
  explicit TlsContext(ssl_ctx_st* context);
  ssl_ctx_st* context_;
  // tls_context.cc adds what session resumption needs: a session a server name
  // and port, bounded, taken by the next connection to it.
};

}  // namespace molotov::net
