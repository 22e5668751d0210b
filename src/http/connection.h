// One HTTP/1.1 connection: writes a request, reads its answer, one at a time.
//
// Passive: it moves when its stream says so or an exchange begins. It is owned
// by the exchange that it serves, by a client's pool while it is idle, and by
// the context's graveyard once it is dead, until the end of the turn.
#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "base/buffer.h"
#include "http/body_framer.h"
#include "http/exchange.h"
#include "http/h1_parser.h"
#include "http/upgraded.h"
#include "io/loop.h"
#include "net/stream.h"

namespace molotov::http {

class Pool;  // pool.h

class Connection final : private net::StreamListener, private io::Work {
 public:
  Connection(Context& context, const Origin& origin,
             std::unique_ptr<net::Stream> stream);
  ~Connection();

  const Origin& origin() const { return origin_; }
  // When it last became idle.
  Instant idle_since() const { return idle_since_; }
  // Tells the pool that owns it when the peer closes it.
  void set_idle_owner(Pool* pool, Instant now);
  // It was taken out of its pool: that the peer closes it is seen by usable().
  void leave_pool() { idle_owner_ = nullptr; }
  bool usable() const { return usable_; }
  // It waits for nobody but us: it is not read until resume(), or the next
  // piece of the request's body is not there.
  bool awaits_us() const { return paused_ || awaits_body_; }

  // Sends the exchange's request. REQUIRES: idle and usable().
  void begin(Exchange& exchange);
  // Of no more use: tells nobody of anything any more.
  void abandon();
  // The exchange has room again: is read on in the loop's next turn.
  void resume();
  // Whether read_into() may give something.
  bool may_read_into() const;
  // Reads once, straight into `room`: bytes of the body come first in it, so
  // many as are returned; 0 for none. May end the exchange.
  size_t read_into(std::span<char> room);
  // A body that was held back until the server asks for it is sent.
  void send_body();
  // The body's source has more.
  void continue_request();
  // Its stream, once an answer of 101 has made it another protocol's; leaves
  // it of no use.
  Upgraded upgrade();

 private:
  enum class Reading : uint8_t { nothing, head, body };

  void on_readable(bool hung_up) override;
  void on_writable() override;
  void on_turn() override;
  void write_all(std::string_view head, std::string_view body);
  bool fill_output();
  bool more_follows() const;
  size_t write_some(std::string_view bytes, bool more);
  size_t write_some_of_file();
  void on_sent(Instant at, size_t bytes, bool whole);
  void on_write_failed(Error error);
  void set_awaits_body(bool awaits);
  void read_on(bool hung_up);
  std::string_view read_once(std::span<char> into);
  void expect_rest();
  void feed(std::string_view bytes);
  size_t feed_head(std::string_view bytes);
  size_t feed_body(std::string_view bytes);
  void finish(bool leftover);
  bool is_of_idle_time(const ResponseHead& head) const;
  void on_end_of_stream();
  void on_read_failed(Error error);
  void break_off(Error error);

  Context& context_;
  const Origin& origin_;
  std::unique_ptr<net::Stream> stream_;
  Exchange* exchange_ = nullptr;
  Pool* idle_owner_ = nullptr;
  Buffer input_;   // a head that has not come whole
  Buffer output_;  // of the request, what the kernel did not take
  std::string_view output_body_;  // likewise, not copied
  FileRange output_file_;         // likewise
  BodyFramer framer_;             // likewise, not there yet
  MessageInfo info_;
  BodyDecoder decoder_;
  net::Arrival arrival_;  // of the last bytes read
  Instant idle_since_{};
  Instant asked_{};    // just before the request's first byte was written
  Error write_error_;  // why the request could not be sent whole
  int reads_ = 0;      // since the loop's last call for them
  Reading reading_ = Reading::nothing;
  bool usable_ = true;
  bool paused_ = false;
  bool in_read_ = false;
  bool unread_ = false;  // the stream may have more
  bool request_sent_ = false;
  bool holds_body_ = false;   // until the server asks for it
  bool awaits_body_ = false;  // its source has no more for now
};

}  // namespace molotov::http
