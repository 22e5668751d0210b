// A connected byte stream, plain or TLS, over TCP or a Unix socket.
//
// Passive: the loop tells it of readiness, it tells its listener, and the
// listener reads or writes until the stream has no more. Used on the loop's
// thread only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "base/error.h"
#include "base/time.h"

namespace molotov::net {

// When bytes reached this machine, and when they were in our hands. `stamped`
// tells whether the kernel said the first; otherwise both are the same.
struct Arrival {
  Instant at{};
  Instant read_at{};
  bool stamped = false;
};

enum class IoStatus : uint8_t {
  ok,           // `bytes` of them, at least one
  would_block,  // wait for the listener's next call
  closed,       // the peer has closed its side in order (reads only)
  failed,       // error() says why; the stream is of no more use
};

struct IoResult {
  IoStatus status = IoStatus::would_block;
  // An ok read: the stream is known to be empty now, so that reading again
  // before the next on_readable() would only cost a system call.
  bool drained = false;
  size_t bytes = 0;
  Arrival arrival{};  // of the last byte read; reads only
};

class StreamListener {
 public:
  // Bytes, the end, or a failure can be read. Read until `drained`,
  // would_block, closed or failed, or come back to it by yourself: there is no
  // second call for what is left. With `hung_up` the peer has closed, and
  // `drained` is not to be trusted: read until closed. May destroy the stream.
  virtual void on_readable(bool hung_up) = 0;
  // A write that would have blocked can go on. May destroy the stream.
  virtual void on_writable() = 0;

 protected:
  ~StreamListener() = default;
};

class Stream {
 public:
  Stream() = default;
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
  // Closes it, at once; TLS sends its close_notify where it can.
  virtual ~Stream() = default;

  virtual IoResult read(std::span<char> into) = 0;
  // May take only a part of `bytes`.
  virtual IoResult write(std::string_view bytes) = 0;
  // Writes of what an open file has from `offset` on; may take only a part of
  // `bytes`. `closed` where the file has none there.
  virtual IoResult write_file(int file, uint64_t offset, size_t bytes);
  // Reads bring no arrival from now on, which costs less.
  virtual void stop_stamping() {}
  // Just after a read: so many bytes come until something is written. Without
  // it, more may be waited for a little when they come fast.
  virtual void expect(uint64_t) {}
  // Ends our side; the peer's can still be read.
  virtual void shut_down_write() = 0;

  // Told from now on; nullptr: nobody. Borrowed. What came while nobody
  // listened is told by a call of on_readable() in this turn of the loop or the
  // next.
  void set_listener(StreamListener* listener) {
    listener_ = listener;
    if (listener && std::exchange(untold_, false)) tell_later();
  }

  // Why the last read or write failed. The code says what it was: reset,
  // tls_handshake, system.
  const Error& error() const { return error_; }

  virtual int fd() const = 0;
  virtual bool is_tls() const = 0;
  // The protocol that ALPN agreed on, "" for none.
  virtual std::string_view alpn() const { return {}; }
  // Of TLS: the peer's, as DER; "" where there is none.
  virtual std::string peer_certificate() const { return {}; }

 protected:
  // Lets the loop call tell_readable(), which must not happen at once.
  virtual void tell_later() {}
  // The listener may destroy the stream: to be called last.
  void tell_readable(bool hung_up) {
    if (listener_)
      listener_->on_readable(hung_up);
    else
      untold_ = true;
  }

  StreamListener* listener_ = nullptr;
  bool untold_ = false;  // on_readable() is owed to the next listener
  Error error_;
};

}  // namespace molotov::net
