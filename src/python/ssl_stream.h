// TLS over another stream, by an ssl.SSLContext of Python's: by the context's
// own wrap_bio(), so that all that was set on it counts, callbacks and
// subclasses too. For what a script brings; our own is net::TlsContext.
//
// Callbacks of the context run while an exchange is served: see script_code.h.
#pragma once

#include <memory>
#include <string>

#include "base/buffer.h"
#include "base/error.h"
#include "io/epoll_loop.h"
#include "io/task.h"
#include "net/stream.h"
#include "python/ref.h"

namespace molotov::python {

class SslStream final : public net::Stream,
                        private net::StreamListener,
                        private io::Work {
 public:
  // `server_name` is for SNI and verification; the port is told in errors.
  SslStream(io::EpollLoop& loop, std::unique_ptr<net::Stream> transport,
            std::string server_name, uint16_t port);
  ~SslStream() override;

  // Begins the handshake, as a client; handshake() tells how it ended. The
  // context is nullptr with a Python error set, None, or an ssl.SSLContext.
  void begin(PyObject* context);
  io::Completion<Result<>>& handshake() { return handshake_; }

  net::IoResult read(std::span<char> into) override;
  // Takes up to 64 KiB a call, and none while the transport is full.
  net::IoResult write(std::string_view bytes) override;
  void stop_stamping() override { transport_->stop_stamping(); }
  void shut_down_write() override;
  int fd() const override { return transport_->fd(); }
  bool is_tls() const override { return true; }
  std::string_view alpn() const override { return alpn_; }
  std::string peer_certificate() const override;

 private:
  enum class Step : uint8_t {
    done,
    wants_input,  // take_in(), and do it again
    ended,        // the peer has closed
    failed,       // error_ says why
  };

  void on_readable(bool hung_up) override;
  void on_writable() override;
  void on_turn() override { tell_readable(hung_up_); }
  void tell_later() override { loop_.post(*this); }

  bool wrap(PyObject* context);
  void shake_hands();
  Step try_handshake();
  void finish(Result<> how);
  void fail_handshake();
  Step judge();
  Step fail(Error error);
  void fail_as(const Error& of_transport);
  bool take_in();
  bool flush();
  bool holds_nothing() const;

  io::EpollLoop& loop_;
  std::unique_ptr<net::Stream> transport_;
  std::string server_name_;
  const std::string peer_;  // as errors of the handshake tell of it
  io::Completion<Result<>> handshake_;
  Ref ssl_module_;
  Ref incoming_;  // MemoryBIOs, from and to the transport
  Ref outgoing_;
  Ref ssl_;        // the SSLObject
  Buffer unsent_;  // of TLS's own bytes, what the transport did not take
  std::string alpn_;
  net::Arrival arrival_;    // of the transport's last read
  bool has_input_ = false;  // that SSLObject may make something of
  bool drained_ = false;    // the transport is known to be empty
  bool ended_ = false;      // the peer closed the transport
  bool hung_up_ = false;    // as the transport's listener was told
  bool broken_ = false;     // of no more use
  bool secure_ = false;     // the handshake is over
};

}  // namespace molotov::python
