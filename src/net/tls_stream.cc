#include "net/tls_stream.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <optional>

#include "base/check.h"
#include "net/openssl_ptr.h"
#include "net/session_cache.h"
#include "net/tls_error.h"
#include "net/tls_transport.h"

namespace molotov::net {

namespace {

constexpr int kMostBytes = INT_MAX;

bool is_address(const std::string& host) {
  unsigned char bytes[sizeof(in6_addr)];
  return inet_pton(AF_INET, host.c_str(), bytes) == 1 ||
         inet_pton(AF_INET6, host.c_str(), bytes) == 1;
}

// While it exists OpenSSL's queue may be cleared: what it began with is there
// again afterwards.
class QueueKept {
 public:
  QueueKept() : code_(ERR_peek_error()) {}
  QueueKept(const QueueKept&) = delete;
  QueueKept& operator=(const QueueKept&) = delete;
  ~QueueKept() {
    if (code_ == 0 || ERR_peek_error() == code_) return;
    ERR_clear_error();
    ERR_new();
    ERR_set_error(ERR_GET_LIB(code_), ERR_GET_REASON(code_), nullptr);
  }

 private:
  const unsigned long code_;
};

class TlsStream final : public Stream,
                        private StreamListener,
                        private TlsTransport,
                        private io::Work {
 public:
  TlsStream(io::EpollLoop& loop, std::unique_ptr<Stream> transport,
            const TlsContext& context, std::string server_name, uint16_t port);
  ~TlsStream() override;

  // Begins the handshake; handshake() tells how it ended.
  void begin(TlsRole role);
  io::Completion<Result<>>& handshake() { return handshake_; }

  IoResult read(std::span<char> into) override;
  IoResult write(std::string_view bytes) override;
  void stop_stamping() override { transport_->stop_stamping(); }
  void shut_down_write() override;
  int fd() const override { return transport_->fd(); }
  bool is_tls() const override { return true; }
  std::string_view alpn() const override;
  std::string peer_certificate() const override;

 private:
  // Of the transport, and of the loop once the handshake has finished.
  void on_readable(bool hung_up) override;
  void on_writable() override;
  void on_turn() override { tell_readable(hung_up_); }
  void tell_later() override { loop_.post(*this); }

  int transport_read(char* into, int size, bool& retry) override;
  int transport_write(const char* bytes, int size, bool& retry) override;
  bool transport_ended() const override { return ended_; }

  bool be_client();
  void shake_hands();
  void finish(Result<> how);
  bool holds_nothing() const;
  IoResult blocked_or_failed(int returned, std::string_view doing);
  Error failure(int ssl_error, std::string_view doing);

  io::EpollLoop& loop_;
  std::unique_ptr<Stream> transport_;
  std::string server_name_;
  SessionSlot slot_;
  OpensslPtr<SSL, SSL_free> ssl_;
  io::Completion<Result<>> handshake_;
  Arrival arrival_;            // of the transport's last read
  bool drained_ = false;       // the transport is known to be empty
  bool ended_ = false;         // the peer closed the transport
  bool hung_up_ = false;       // as the transport's listener was told
  bool broken_ = false;        // nothing more can be sent
  bool secure_ = false;        // the handshake is over
  const bool within_tls_;      // the transport is TLS as well
  bool read_blocked_ = false;  // a read waits for the transport to take bytes
};

TlsStream::TlsStream(io::EpollLoop& loop, std::unique_ptr<Stream> transport,
                     const TlsContext& context, std::string server_name,
                     uint16_t port)
    : loop_(loop),
      transport_(std::move(transport)),
      server_name_(std::move(server_name)),
      slot_{&context.sessions(), fmt::format("{}:{}", server_name_, port)},
      ssl_(SSL_new(context.get())),
      within_tls_(transport_->is_tls()) {
  BIO* bio = ssl_ ? BIO_new(context.transport()) : nullptr;
  if (!bio) {
    ssl_.reset();
    return;
  }
  BIO_set_data(bio, static_cast<TlsTransport*>(this));
  SSL_set_bio(ssl_.get(), bio, bio);
  SSL_set_app_data(ssl_.get(), &slot_);
  transport_->set_listener(this);
}

TlsStream::~TlsStream() {
  if (!ssl_ || broken_ || !SSL_is_init_finished(ssl_.get())) return;
  ERR_clear_error();
  SSL_shutdown(ssl_.get());
  ERR_clear_error();
}

void TlsStream::begin(TlsRole role) {
  ERR_clear_error();
  if (!ssl_ || (role == TlsRole::client && !be_client()))
    return finish(fail_tls_configuration("set up TLS"));
  if (role == TlsRole::server) SSL_set_accept_state(ssl_.get());
  shake_hands();
}

bool TlsStream::be_client() {
  SSL* ssl = ssl_.get();
  SSL_set_connect_state(ssl);
  // A name that ends with a dot is the same name.
  std::string name = server_name_;
  if (name.ends_with('.')) name.pop_back();
  if (is_address(name)) {
    X509_VERIFY_PARAM* verify = SSL_get0_param(ssl);
    if (X509_VERIFY_PARAM_set1_ip_asc(verify, name.c_str()) != 1) return false;
  } else {
    SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    if (SSL_set1_host(ssl, name.c_str()) != 1 ||
        SSL_set_tlsext_host_name(ssl, name.c_str()) != 1)
      return false;
  }
  // One that cannot be used (its cipher is switched off now) is not an error.
  if (const TlsSession session = slot_.cache->take(slot_.key))
    SSL_set_session(ssl, session.get());
  ERR_clear_error();
  return true;
}

void TlsStream::shake_hands() {
  ERR_clear_error();
  const int returned = SSL_do_handshake(ssl_.get());
  if (returned == 1) {
    secure_ = true;
    // The peer may have sent more behind its handshake, of which the loop will
    // not tell again.
    if (!holds_nothing()) loop_.post(*this);
    return finish({});
  }
  const int ssl_error = SSL_get_error(ssl_.get(), returned);
  if (ssl_error == SSL_ERROR_WANT_READ || ssl_error == SSL_ERROR_WANT_WRITE)
    return;
  broken_ = true;
  finish(std::unexpected(failure(ssl_error, "handshake")));
}

// The awaiting task may destroy the stream: to be called last.
void TlsStream::finish(Result<> how) {
  handshake_.set(std::move(how));
}

bool TlsStream::holds_nothing() const {
  return drained_ && SSL_has_pending(ssl_.get()) == 0;
}

IoResult TlsStream::read(std::span<char> into) {
  CHECK(!into.empty());
  if (holds_nothing()) return {};
  ERR_clear_error();
  read_blocked_ = false;
  const int size = static_cast<int>(std::min<size_t>(into.size(), kMostBytes));
  const int got = SSL_read(ssl_.get(), into.data(), size);
  if (got <= 0) return blocked_or_failed(got, "read");
  arrival_.read_at = MonotonicClock::now();  // decrypted, too
  return {.status = IoStatus::ok,
          .drained = holds_nothing() && !hung_up_,
          .bytes = static_cast<size_t>(got),
          .arrival = arrival_};
}

IoResult TlsStream::write(std::string_view bytes) {
  if (bytes.empty()) return {.status = IoStatus::ok};
  ERR_clear_error();
  const int size = static_cast<int>(std::min<size_t>(bytes.size(), kMostBytes));
  const int sent = SSL_write(ssl_.get(), bytes.data(), size);
  if (sent <= 0) {
    const IoResult result = blocked_or_failed(sent, "write");
    if (result.status != IoStatus::closed) return result;
    broken_ = true;
    error_ = {ErrorCode::reset, EPIPE, "write: the peer has closed"};
    return {.status = IoStatus::failed};
  }
  return {.status = IoStatus::ok, .bytes = static_cast<size_t>(sent)};
}

IoResult TlsStream::blocked_or_failed(int returned, std::string_view doing) {
  const int ssl_error = SSL_get_error(ssl_.get(), returned);
  switch (ssl_error) {
    case SSL_ERROR_WANT_WRITE:
      // Reading answers what TLS itself asks for (a key update).
      if (doing == "read") read_blocked_ = true;
      return {};
    case SSL_ERROR_WANT_READ:
      return {};
    case SSL_ERROR_ZERO_RETURN:
      return {.status = IoStatus::closed};
    default:
      broken_ = true;
      error_ = failure(ssl_error, doing);
      return {.status = IoStatus::failed};
  }
}

Error TlsStream::failure(int ssl_error, std::string_view doing) {
  const std::string peer =
      server_name_.empty() ? fmt::format("TLS {}", doing)
                           : fmt::format("TLS {} with {}", doing, slot_.key);
  if (ssl_error == SSL_ERROR_SSL) {
    Error error = error_from_openssl(ssl_.get(), peer, server_name_);
    if (secure_) error.code = ErrorCode::tls_failed;
    return error;
  }
  ERR_clear_error();
  Error error = transport_->error();
  if (!secure_) return error_of_handshake(std::move(error), peer);
  if (error.code == ErrorCode::none)
    return {ErrorCode::reset, 0,
            fmt::format("{}: the peer closed the connection", peer)};
  error.detail = fmt::format("{}: {}", peer, error.detail);
  return error;
}

void TlsStream::shut_down_write() {
  if (broken_) return;
  ERR_clear_error();
  // Behind what the transport would not take yet, the end must not come.
  if (SSL_shutdown(ssl_.get()) >= 0) transport_->shut_down_write();
  ERR_clear_error();
}

std::string_view TlsStream::alpn() const {
  const unsigned char* name = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(ssl_.get(), &name, &size);
  return {reinterpret_cast<const char*>(name), size};
}

std::string TlsStream::peer_certificate() const {
  const OpensslPtr<X509, X509_free> certificate(
      SSL_get1_peer_certificate(ssl_.get()));
  unsigned char* der = nullptr;
  const int size = certificate ? i2d_X509(certificate.get(), &der) : 0;
  if (size <= 0) return {};
  std::string bytes(reinterpret_cast<char*>(der), static_cast<size_t>(size));
  OPENSSL_free(der);
  return bytes;
}

int TlsStream::transport_read(char* into, int size, bool& retry) {
  IoResult result;  // would block
  if (!drained_) result = transport_->read({into, static_cast<size_t>(size)});
  switch (result.status) {
    case IoStatus::ok:
      drained_ = result.drained;
      arrival_ = result.arrival;
      return static_cast<int>(result.bytes);
    case IoStatus::would_block:
      drained_ = true;
      retry = true;
      return -1;
    case IoStatus::closed:
      ended_ = true;
      return 0;
    case IoStatus::failed:
      break;
  }
  return -1;
}

int TlsStream::transport_write(const char* bytes, int size, bool& retry) {
  // An alert is sent while the queue has its cause, which a transport that is
  // TLS as well would lose.
  std::optional<QueueKept> kept;
  if (within_tls_) kept.emplace();
  const IoResult result = transport_->write({bytes, static_cast<size_t>(size)});
  if (result.status == IoStatus::ok) return static_cast<int>(result.bytes);
  retry = result.status == IoStatus::would_block;
  return -1;
}

void TlsStream::on_readable(bool hung_up) {
  drained_ = false;
  hung_up_ |= hung_up;
  if (!handshake_.is_set()) return shake_hands();
  tell_readable(hung_up_);
}

void TlsStream::on_writable() {
  if (!handshake_.is_set()) return shake_hands();
  // The listener may destroy this stream, which takes it off the queue.
  if (std::exchange(read_blocked_, false)) loop_.post(*this);
  if (listener_) listener_->on_writable();
}

}  // namespace

io::Task<Result<std::unique_ptr<Stream>>> TlsContext::connect(
    io::EpollLoop& loop, std::unique_ptr<Stream> transport,
    std::string server_name, uint16_t port) const {
  return tls_handshake(loop, std::move(transport), *this, TlsRole::client,
                       std::move(server_name), port);
}

io::Task<Result<std::unique_ptr<Stream>>> tls_handshake(
    io::EpollLoop& loop, std::unique_ptr<Stream> transport,
    const TlsContext& context, TlsRole role, std::string server_name,
    uint16_t port) {
  auto stream = std::make_unique<TlsStream>(loop, std::move(transport), context,
                                            std::move(server_name), port);
  stream->begin(role);
  Result<> done = co_await stream->handshake();
  if (!done) co_return std::unexpected(std::move(done.error()));
  co_return std::unique_ptr<Stream>(std::move(stream));
}

}  // namespace molotov::net
