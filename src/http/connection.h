// One HTTP/1.1 connection: writes a request, reads its answer, one at a time.
//
// Passive: it moves when its stream says so or an exchange begins. It is owned
// by the exchange that it serves, by a client's pool while it is idle, and by
// the context's graveyard once it is dead, until the end of the turn.
#pragma once

#include <memory>
#include <string_view>

#include "base/buffer.h"
#include "http/exchange.h"
#include "http/h1_parser.h"
#include "io/loop.h"
#include "net/stream.h"

namespace molotov::http {

class Connection final : private net::StreamListener, private io::Work {
 public:
  Connection(Context& context, const Origin& origin,
             std::unique_ptr<net::Stream> stream);
  ~Connection();

  const Origin& origin() const { return origin_; }
  // When it last became idle.
  Instant idle_since() const { return idle_since_; }
  // Tells the pool that owns it when the peer closes it.
  void set_idle_owner(Client* client, Instant now);
  // It was taken out of its pool: that the peer closes it is seen by usable().
  void leave_pool() { idle_owner_ = nullptr; }
  bool usable() const { return usable_; }
  // Not read further until resume().
  bool paused() const { return paused_; }

  // Sends the exchange's request. REQUIRES: idle and usable().
  void begin(Exchange& exchange);
  // Of no more use: tells nobody of anything any more.
  void abandon();
  // The exchange has room again, after paused(). May end the exchange.
  void resume();

 private:
  enum class Reading : uint8_t { nothing, head, body };

  void on_readable(bool hung_up) override;
  void on_writable() override;
  void on_turn() override;
  void write_all(std::string_view head, std::string_view body);
  size_t write_some(std::string_view bytes, size_t more);
  void on_write_failed();
  void read_on(bool hung_up);
  bool read_once(bool& drained);
  void feed(std::string_view bytes);
  size_t feed_head(std::string_view bytes);
  size_t feed_body(std::string_view bytes);
  void finish(bool leftover);
  void on_end_of_stream();
  void break_off(Error error);

  Context& context_;
  const Origin& origin_;
  std::unique_ptr<net::Stream> stream_;
  Exchange* exchange_ = nullptr;
  Client* idle_owner_ = nullptr;
  Buffer input_;   // a head that has not come whole
  Buffer output_;  // of the request, what the kernel did not take
  std::string_view output_body_;  // likewise, not copied
  MessageInfo info_;
  BodyDecoder decoder_;
  net::Arrival arrival_;  // of the last bytes read
  Instant idle_since_{};
  Error write_error_;  // why the request could not be sent whole
  Reading reading_ = Reading::nothing;
  bool usable_ = true;
  bool paused_ = false;
  bool in_read_ = false;
  bool request_sent_ = false;
};

}  // namespace molotov::http
