#include "net/tls_context.h"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

#include <cstdlib>

#include "net/openssl_ptr.h"
#include "net/session_cache.h"
#include "net/tls_error.h"
#include "net/tls_transport.h"

namespace molotov::net {

namespace {

constexpr int kSecurityLevel = 2;  // SSL_CTX_set_security_level(3)

using Certificate = OpensslPtr<X509, X509_free>;
using Key = OpensslPtr<EVP_PKEY, EVP_PKEY_free>;
using Memory = OpensslPtr<BIO, BIO_free>;

const unsigned char* bytes_of(const std::string& text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

// A key with a passphrase is refused; OpenSSL itself would ask the terminal.
int no_passphrase(char*, int, int, void*) {
  return 0;
}

// Each protocol's length and name, as ALPN has them on the wire.
Result<std::string> to_wire(const std::vector<std::string>& protocols) {
  std::string wire;
  for (const std::string& protocol : protocols) {
    if (protocol.empty() || protocol.size() > 255)
      return fail(ErrorCode::tls_configuration,
                  fmt::format("no ALPN protocol: '{}'", protocol));
    wire += static_cast<char>(protocol.size());
    wire += protocol;
  }
  return wire;
}

int select_alpn(SSL*, const unsigned char** chosen, unsigned char* size,
                const unsigned char* offered, unsigned offered_size,
                void* ours) {
  const auto& wire = *static_cast<const std::string*>(ours);
  unsigned char* found = nullptr;
  if (SSL_select_next_proto(&found, size, bytes_of(wire),
                            static_cast<unsigned>(wire.size()), offered,
                            offered_size) != OPENSSL_NPN_NEGOTIATED)
    return SSL_TLSEXT_ERR_NOACK;
  *chosen = found;
  return SSL_TLSEXT_ERR_OK;
}

// A server has issued a session.
int keep_session(SSL* ssl, SSL_SESSION* session) {
  const auto* slot = static_cast<SessionSlot*>(SSL_get_app_data(ssl));
  if (!slot) return 0;
  slot->cache->put(slot->key, TlsSession(session));
  return 1;  // the reference is the cache's now
}

Result<> trust_file(SSL_CTX* context, const std::string& file) {
  if (SSL_CTX_load_verify_file(context, file.c_str()) == 1) return {};
  return fail_tls_configuration(
      fmt::format("certificate authorities of '{}'", file));
}

Result<> trust_system(SSL_CTX* context) {
  // OpenSSL reads the variable by itself, but says nothing of a bad file.
  if (const char* file = std::getenv("SSL_CERT_FILE"); file && *file) {
    SSL_CTX_set_default_verify_dir(context);
    return trust_file(context, file);
  }
  if (SSL_CTX_set_default_verify_paths(context) == 1) return {};
  return fail_tls_configuration("the system's certificate authorities");
}

}  // namespace

TlsContext::TlsContext()
    : context_(SSL_CTX_new(TLS_method())),
      transport_(make_transport_method()),
      sessions_(std::make_unique<SessionCache>()) {}

TlsContext::~TlsContext() {
  SSL_CTX_free(context_);
  BIO_meth_free(transport_);
}

Result<std::unique_ptr<TlsContext>> TlsContext::client(
    const TlsClientOptions& options) {
  ERR_clear_error();
  std::unique_ptr<TlsContext> made(new TlsContext());
  if (auto ready = made->prepare(options.alpn); !ready)
    return std::unexpected(ready.error());
  if (auto used = made->use_options(options); !used)
    return std::unexpected(used.error());
  return made;
}

Result<std::unique_ptr<TlsContext>> TlsContext::server(
    std::string_view certificate_chain_pem, std::string_view key_pem,
    const std::vector<std::string>& alpn) {
  ERR_clear_error();
  std::unique_ptr<TlsContext> made(new TlsContext());
  if (auto ready = made->prepare(alpn); !ready)
    return std::unexpected(ready.error());
  if (auto used = made->use_identity(certificate_chain_pem, key_pem); !used)
    return std::unexpected(used.error());
  SSL_CTX* context = made->context_;
  SSL_CTX_set_alpn_select_cb(context, select_alpn, &made->alpn_);
  // Sessions are tickets, which clients keep; one a connection is enough.
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_num_tickets(context, 1);
  return made;
}

// What clients and servers have in common.
Result<> TlsContext::prepare(const std::vector<std::string>& alpn) {
  if (!context_ || !transport_) return fail_tls_configuration("set up TLS");
  auto wire = to_wire(alpn);
  if (!wire) return std::unexpected(wire.error());
  alpn_ = std::move(*wire);
  SSL_CTX_set_min_proto_version(context_, TLS1_2_VERSION);
  // No RSA keys below 2048 bits, no SHA-1: builds of OpenSSL differ in theirs.
  if (SSL_CTX_get_security_level(context_) < kSecurityLevel)
    SSL_CTX_set_security_level(context_, kSecurityLevel);
  SSL_CTX_set_options(context_,
                      SSL_OP_NO_RENEGOTIATION | SSL_OP_IGNORE_UNEXPECTED_EOF);
  // Buffers only while they hold something: an idle connection has none.
  SSL_CTX_set_mode(context_, SSL_MODE_RELEASE_BUFFERS |
                                 SSL_MODE_ENABLE_PARTIAL_WRITE |
                                 SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  // One system call a record, not one for its head and one for its body.
  SSL_CTX_set_read_ahead(context_, 1);
  SSL_CTX_set_default_passwd_cb(context_, no_passphrase);
  return {};
}

Result<> TlsContext::use_options(const TlsClientOptions& options) {
  if (options.verify) {
    auto trusted = options.ca_file.empty()
                       ? trust_system(context_)
                       : trust_file(context_, options.ca_file);
    if (!trusted) return trusted;
    SSL_CTX_set_verify(context_, SSL_VERIFY_PEER, nullptr);
    // What the user trusts need not sign itself.
    X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(context_),
                                X509_V_FLAG_PARTIAL_CHAIN);
  } else {
    SSL_CTX_set_verify(context_, SSL_VERIFY_NONE, nullptr);
  }
  if (!alpn_.empty() &&
      SSL_CTX_set_alpn_protos(context_, bytes_of(alpn_),
                              static_cast<unsigned>(alpn_.size())) != 0)
    return fail_tls_configuration("ALPN");
  SSL_CTX_set_session_cache_mode(
      context_, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
  SSL_CTX_sess_set_new_cb(context_, keep_session);

  const std::string& certificate = options.certificate_file;
  if (certificate.empty()) return {};
  const std::string& key =
      options.key_file.empty() ? certificate : options.key_file;
  if (SSL_CTX_use_certificate_chain_file(context_, certificate.c_str()) != 1)
    return fail_tls_configuration(
        fmt::format("client certificate of '{}'", certificate));
  if (SSL_CTX_use_PrivateKey_file(context_, key.c_str(), SSL_FILETYPE_PEM) != 1)
    return fail_tls_configuration(fmt::format("private key of '{}'", key));
  return {};
}

Result<> TlsContext::use_identity(std::string_view certificate_chain_pem,
                                  std::string_view key_pem) {
  const auto memory_of = [](std::string_view text) {
    return Memory(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
  };
  const Memory chain = memory_of(certificate_chain_pem);
  const Certificate leaf(
      PEM_read_bio_X509(chain.get(), nullptr, nullptr, nullptr));
  if (!leaf || SSL_CTX_use_certificate(context_, leaf.get()) != 1)
    return fail_tls_configuration("the server's certificate");
  while (const Certificate more{
      PEM_read_bio_X509(chain.get(), nullptr, nullptr, nullptr)})
    SSL_CTX_add1_chain_cert(context_, more.get());
  ERR_clear_error();  // the end of the text is one

  const Memory key_text = memory_of(key_pem);
  const Key key(
      PEM_read_bio_PrivateKey(key_text.get(), nullptr, no_passphrase, nullptr));
  if (!key || SSL_CTX_use_PrivateKey(context_, key.get()) != 1)
    return fail_tls_configuration("the server's private key");
  return {};
}

}  // namespace molotov::net
