// A client's end of a WebSocket on a stream: whole messages in and out (RFC
// 6455).
//
// Passive: nothing is read before read() is called, so that a peer that sends
// faster than its messages are taken is slowed by the kernel's buffers, and
// idle ones hold no memory for it. It knows frames only: what is answered to
// whom, and when it is closed, is its owner's business. Used on the loop's
// thread.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "base/buffer.h"
#include "base/error.h"
#include "base/time.h"
#include "http/upgraded.h"
#include "http/websocket_deflate.h"
#include "http/websocket_reader.h"
#include "io/loop.h"
#include "net/stream.h"

namespace molotov::http {

class Context;

// Told from the loop; must not run user code or destroy the WebSocket there.
class WebSocketListener {
 public:
  // read() may have something.
  virtual void on_readable() = 0;
  // Less is unsent, or nothing more will be sent.
  virtual void on_written() = 0;

 protected:
  ~WebSocketListener() = default;
};

struct WebSocketOptions {
  WebSocketReaderOptions reader;
  // Of what is sent: window bits, 0: it is not compressed.
  int deflate_bits = 0;
  bool keeps_context = true;  // from one sent message to the next
};

class WebSocket final : private net::StreamListener, private io::Work {
 public:
  // `context` and `listener` outlive it.
  WebSocket(Context& context, Upgraded upgraded,
            const WebSocketOptions& options, WebSocketListener& listener);
  ~WebSocket();

  enum class Read : uint8_t {
    message,
    nothing,  // yet: on_readable() tells
    ended,    // the peer, or shut(), has closed the connection
    broken,   // the connection failed
    failed,   // what came is no WebSocket's: failure()
  };
  // The next message. Its views are valid until the next call of anything.
  Read read(WebSocketMessage& message);
  // Gives the memory of the message back that was read last.
  void drop_message();
  const WebSocketFailure& failure() const { return reader_.failure(); }

  // Sends a message or control frame, and keeps what the kernel does not take.
  // Of several that work of the loop sends in one turn, all but the first go
  // together, in the next one. `deflate_bits` of it alone, in place of the
  // options', 0: as they say. False where the connection is closed.
  bool write(Opcode opcode, std::string_view payload, int deflate_bits = 0);
  // What the kernel has yet to take.
  size_t unsent_bytes() const { return output_.size(); }

  // Closes the connection, behind what the kernel takes of what is unsent:
  // reads tell of its end, writes fail.
  void shut();
  bool is_open() const { return stream_ != nullptr; }
  // REQUIRES: is_open().
  int fd() const { return stream_->fd(); }

  // When bytes came last.
  Instant heard_at() const { return heard_at_; }

 private:
  class NextTurn final : public io::Work {
   public:
    explicit NextTurn(WebSocket& socket) : socket_(socket) {}

   private:
    void on_turn() override { socket_.on_writable(); }
    WebSocket& socket_;
  };

  void on_readable(bool hung_up) override;
  void on_writable() override;
  void on_turn() override { listener_.on_readable(); }
  bool may_read_again();
  bool compress(std::string_view& payload, int deflate_bits);
  bool send(std::string_view bytes);
  bool send_now(std::string_view bytes);
  bool write_some(std::string_view& bytes);
  bool flush();
  void drop_deflater();

  Context& context_;
  WebSocketListener& listener_;
  WebSocketOptions options_;
  std::unique_ptr<net::Stream> stream_;
  Pool::Place place_;  // of the stream
  Buffer input_;       // read, and not used yet
  size_t used_ = 0;    // of it, by the message that was given last
  Buffer output_;      // what the kernel did not take, or not yet
  WebSocketReader reader_;
  std::unique_ptr<MessageDeflater> deflater_;
  Instant heard_at_{};
  NextTurn next_turn_;
  Instant turn_{};        // of the loop, in which
  int reads_ = 0;         // so many reads were made
  Instant sent_turn_{};   // in which work sent a message
  bool blocked_ = false;  // on_writable() comes by itself
  bool readable_ = true;  // the stream may have more
  bool hung_up_ = false;
  bool broken_ = false;
};

}  // namespace molotov::http
