#include "http/connection.h"

#include <utility>

#include "base/check.h"
#include "http/client.h"

namespace molotov::http {

namespace {

constexpr size_t kReadBytes = 64 * 1024;
// Up to here a body is copied behind its head, so that both go out in one call.
constexpr size_t kCopiedBodyBytes = 16 * 1024;

// Then the others have their turn: a server that sends faster than we read
// would keep them, and all timers, from it.
constexpr int kReadsPerTurn = 16;

constexpr HeadLimits kHeadLimits;

}  // namespace

Connection::Connection(Context& context, const Origin& origin,
                       std::unique_ptr<net::Stream> stream)
    : context_(context), origin_(origin), stream_(std::move(stream)) {
  stream_->set_listener(this);
}

Connection::~Connection() = default;

void Connection::set_idle_owner(Client* client, Instant now) {
  idle_owner_ = client;
  idle_since_ = now;
}

void Connection::begin(Exchange& exchange) {
  CHECK(usable_ && !exchange_);
  exchange_ = &exchange;
  reading_ = Reading::head;
  request_sent_ = false;
  paused_ = false;

  std::string& out = context_.write_scratch_;
  exchange.render_head(out);
  std::string_view body = exchange.parts_.body.value_or(std::string_view());
  if (body.size() <= kCopiedBodyBytes) {
    out += body;
    body = {};
  }
  write_all(out, body);
}

void Connection::write_all(std::string_view head, std::string_view body) {
  output_body_ = body;
  const size_t took = write_some(head, body.size());
  if (!exchange_ || request_sent_) return;
  output_.append(head.substr(took));
  on_writable();
}

void Connection::on_writable() {
  while (exchange_ && !request_sent_ && write_error_.code == ErrorCode::none) {
    const bool from_head = !output_.empty();
    const size_t took = from_head
                            ? write_some(output_.view(), output_body_.size())
                            : write_some(output_body_, 0);
    if (took == 0) return;
    if (from_head)
      output_.consume(took);
    else
      output_body_.remove_prefix(took);
  }
}

// Writes of `bytes`, behind which `more` of the request come; returns how many
// the kernel took.
size_t Connection::write_some(std::string_view bytes, size_t more) {
  const Instant at = MonotonicClock::now();
  const net::IoResult result = stream_->write(bytes);
  if (result.status == net::IoStatus::failed) on_write_failed();
  if (result.status != net::IoStatus::ok) return 0;
  request_sent_ = result.bytes == bytes.size() && more == 0;
  exchange_->on_sent(at, result.bytes, request_sent_);
  return result.bytes;
}

// A server may answer and close before it has read the whole request (413):
// whether it did is seen by reading. Not here, where an exchange begins.
void Connection::on_write_failed() {
  write_error_ = stream_->error();
  context_.loop().post(*this);
}

void Connection::on_turn() {
  if (!usable_) return;
  on_readable(true);
  const bool goes_on = !exchange_ || paused_ || queued();
  if (!goes_on && write_error_.code != ErrorCode::none)
    break_off(std::move(write_error_));
}

void Connection::on_readable(bool hung_up) {
  if (std::exchange(in_read_, true)) return;
  read_on(hung_up);
  in_read_ = false;
}

void Connection::read_on(bool hung_up) {
  bool drained = false;
  for (int reads = 0; usable_ && !paused_ && !(drained && !hung_up); reads++) {
    if (reads == kReadsPerTurn) return context_.loop().post(*this);
    if (!read_once(drained)) return;
  }
}

// Returns false when there is nothing more to read for now.
bool Connection::read_once(bool& drained) {
  const std::span<char> into(context_.read_scratch_.get(), kReadBytes);
  const net::IoResult result = stream_->read(into);
  switch (result.status) {
    case net::IoStatus::would_block:
      return false;
    case net::IoStatus::closed:
      on_end_of_stream();
      return false;
    case net::IoStatus::failed:
      break_off(stream_->error());
      return false;
    case net::IoStatus::ok:
      break;
  }
  drained = result.drained;
  arrival_ = result.arrival;
  if (!exchange_) {  // bytes that nobody asked for
    break_off({});
    return false;
  }
  exchange_->on_arrival(arrival_, result.bytes);
  feed({into.data(), result.bytes});
  return true;
}

void Connection::feed(std::string_view bytes) {
  if (!input_.empty()) {
    input_.append(bytes);
    Buffer held;
    held.swap(input_);
    feed(held.view());
    return;
  }
  while (exchange_ && !bytes.empty()) {
    const size_t used =
        reading_ == Reading::head ? feed_head(bytes) : feed_body(bytes);
    if (used == 0) break;
    bytes.remove_prefix(used);
    if (exchange_ && reading_ == Reading::body && decoder_.done())
      return finish(!bytes.empty());
  }
  if (exchange_ && !bytes.empty()) input_.append(bytes);
}

// Both return how many bytes they used; 0 when more are needed, or when the
// connection was broken off.
size_t Connection::feed_head(std::string_view bytes) {
  HeadMemo& heads = context_.heads_;
  const auto parsed =
      heads.parse(bytes, exchange_->parts_.method == "HEAD", kHeadLimits);
  if (!parsed) {
    break_off(parsed.error());
    return 0;
  }
  if (*parsed == 0) return 0;
  const ResponseHead& head = heads.head();
  const bool interim = head.status < 200 && head.status != 101;
  if (interim) return *parsed;
  info_ = head.info;
  decoder_ = BodyDecoder(head.info);
  reading_ = Reading::body;
  exchange_->on_head_parsed(bytes.substr(0, *parsed), head);
  return *parsed;
}

size_t Connection::feed_body(std::string_view bytes) {
  const auto step = decoder_.decode(bytes);
  if (!step) {
    break_off(step.error());
    return 0;
  }
  if (!step->body.empty()) {
    if (auto taken = exchange_->on_body_bytes(step->body); !taken) {
      break_off(taken.error());
      return 0;
    }
    if (!exchange_) return 0;
    if (const bool pause = exchange_->paused(); pause != paused_) {
      paused_ = pause;
      exchange_->on_paused_or_resumed();
    }
  }
  return step->consumed;
}

void Connection::finish(bool leftover) {
  usable_ = info_.keep_alive && !leftover && request_sent_ &&
            info_.framing != Framing::until_close;
  reading_ = Reading::nothing;
  paused_ = false;  // it is to be seen when the peer closes it
  Exchange* const served = std::exchange(exchange_, nullptr);
  served->on_complete();
}

void Connection::on_end_of_stream() {
  if (exchange_ && reading_ == Reading::body) {
    const auto ended = decoder_.finish();
    if (!ended) return break_off(ended.error());
    return finish(false);
  }
  if (!input_.empty()) {
    return break_off(Error{ErrorCode::http_truncated, 0,
                           "closed in the middle of the answer's head"});
  }
  if (write_error_.code != ErrorCode::none)
    return break_off(std::move(write_error_));
  break_off(Error{ErrorCode::http_disconnected, 0,
                  "closed by the server before it answered"});
}

void Connection::break_off(Error error) {
  usable_ = false;
  reading_ = Reading::nothing;
  if (exchange_) {
    Exchange* const served = std::exchange(exchange_, nullptr);
    served->on_connection_failed(std::move(error));
  } else if (idle_owner_) {
    idle_owner_->on_idle_closed(*this);
  }
}

void Connection::abandon() {
  exchange_ = nullptr;
  idle_owner_ = nullptr;
  usable_ = false;
}

void Connection::resume() {
  if (!paused_) return;
  paused_ = false;
  exchange_->on_paused_or_resumed();
  on_readable(true);
}

}  // namespace molotov::http
