#include "http/connection.h"

#include <algorithm>
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

}  // namespace

Connection::Connection(Context& context, const Origin& origin,
                       std::unique_ptr<net::Stream> stream)
    : context_(context), origin_(origin), stream_(std::move(stream)) {
  stream_->set_listener(this);
}

Connection::~Connection() = default;

void Connection::set_idle_owner(Pool* pool, Instant now) {
  idle_owner_ = pool;
  idle_since_ = now;
}

void Connection::begin(Exchange& exchange) {
  CHECK(usable_ && !exchange_);
  exchange_ = &exchange;
  reading_ = Reading::head;
  request_sent_ = false;
  asked_ = Instant::max();
  paused_ = false;
  holds_body_ = exchange.expects_continue();
  framer_ = BodyFramer(exchange.parts_.body_source);

  std::string& out = context_.write_scratch_;
  exchange.render_head(out);
  output_file_ = exchange.parts_.body_file.value_or(FileRange());
  if (!framer_.done() || output_file_.size_bytes > 0) {
    output_.append(out);
    if (!holds_body_) fill_output();
    return on_writable();
  }
  std::string_view body = exchange.parts_.body.value_or(std::string_view());
  if (body.size() <= kCopiedBodyBytes && !holds_body_) {
    out += body;
    body = {};
  }
  write_all(out, body);
}

void Connection::write_all(std::string_view head, std::string_view body) {
  output_body_ = body;
  const size_t took = write_some(head, !body.empty());
  if (!exchange_ || request_sent_) return;
  output_.append(head.substr(took));
  on_writable();
}

void Connection::on_writable() {
  while (exchange_ && !request_sent_ && write_error_.code == ErrorCode::none) {
    if (output_.empty() && (holds_body_ || !fill_output())) return;
    size_t took;
    if (!output_.empty()) {
      took = write_some(output_.view(), more_follows());
      output_.consume(took);
    } else if (!output_body_.empty()) {
      took = write_some(output_body_, false);
      output_body_.remove_prefix(took);
    } else {
      took = write_some_of_file();
    }
    if (took == 0) return;
  }
}

// Behind what lies in output_.
bool Connection::more_follows() const {
  return !output_body_.empty() || output_file_.size_bytes > 0 ||
         !framer_.done();
}

// Where nothing is left to be written, the next piece of a streamed body.
// Returns false when there is nothing to write now.
bool Connection::fill_output() {
  if (framer_.done())
    return !output_body_.empty() || output_file_.size_bytes > 0;
  const auto filled = framer_.fill(output_);
  if (!filled) {
    on_write_failed(filled.error());
    return false;
  }
  set_awaits_body(!*filled);
  // Its end came alone, with no byte of it left to be sent.
  const bool ended = framer_.done() && output_.empty();
  if (ended) on_sent(MonotonicClock::now(), 0, true);
  return *filled && !ended;
}

void Connection::set_awaits_body(bool awaits) {
  if (std::exchange(awaits_body_, awaits) != awaits)
    exchange_->on_waiting_changed();
}

// Writes of `bytes`, behind which `more` of the request comes or not; returns
// how many the kernel took.
size_t Connection::write_some(std::string_view bytes, bool more) {
  const Instant at = MonotonicClock::now();
  const net::IoResult result = stream_->write(bytes);
  if (result.status == net::IoStatus::failed) on_write_failed(stream_->error());
  if (result.status != net::IoStatus::ok) return 0;
  on_sent(at, result.bytes, result.bytes == bytes.size() && !more);
  return result.bytes;
}

size_t Connection::write_some_of_file() {
  const Instant at = MonotonicClock::now();
  FileRange& file = output_file_;
  const net::IoResult result =
      stream_->write_file(file.fd, file.offset, file.size_bytes);
  if (result.status == net::IoStatus::failed) on_write_failed(stream_->error());
  if (result.status == net::IoStatus::closed)
    on_write_failed(Error{ErrorCode::invalid_argument, 0,
                          "the file that is sent became shorter meanwhile"});
  if (result.status != net::IoStatus::ok) return 0;
  file.offset += result.bytes;
  file.size_bytes -= result.bytes;
  on_sent(at, result.bytes, file.size_bytes == 0);
  return result.bytes;
}

void Connection::on_sent(Instant at, size_t bytes, bool whole) {
  request_sent_ = whole;
  asked_ = std::min(asked_, at);
  exchange_->on_sent(at, bytes, whole);
}

void Connection::send_body() {
  if (std::exchange(holds_body_, false) && exchange_) on_writable();
}

void Connection::continue_request() {
  if (awaits_body_) on_writable();
}

// A server may answer and close before it has read the whole request (413):
// whether it did is seen by reading. Not here, where an exchange begins.
void Connection::on_write_failed(Error error) {
  write_error_ = std::move(error);
  context_.loop().post(*this);
}

void Connection::on_turn() {
  if (!usable_) return;
  // A reader that is a task of another loop comes a turn later.
  if (exchange_ && std::exchange(exchange_->reader_comes_, false))
    return context_.loop().post(*this);
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
  unread_ = true;
  for (reads_ = 0; usable_ && !paused_ && (unread_ || hung_up); reads_++) {
    if (reads_ == kReadsPerTurn) return context_.loop().post(*this);
    const std::string_view bytes =
        read_once({context_.read_scratch_.get(), kReadBytes});
    if (bytes.empty()) return;
    feed(bytes);
    if (unread_ && exchange_) {
      expect_rest();
      if (exchange_->reader_comes_) return context_.loop().post(*this);
    }
  }
}

// There may be more: how much, where that is known.
void Connection::expect_rest() {
  const auto rest = decoder_.remaining_bytes();
  if (reading_ == Reading::body && rest) stream_->expect(*rest);
}

// What came; nothing when there is no more for now, or never will be.
std::string_view Connection::read_once(std::span<char> into) {
  const net::IoResult result = stream_->read(into);
  unread_ = result.status == net::IoStatus::ok && !result.drained;
  switch (result.status) {
    case net::IoStatus::would_block:
      return {};
    case net::IoStatus::closed:
      on_end_of_stream();
      return {};
    case net::IoStatus::failed:
      on_read_failed(stream_->error());
      return {};
    case net::IoStatus::ok:
      break;
  }
  arrival_ = result.arrival;
  if (!exchange_) {  // bytes that nobody asked for
    break_off({});
    return {};
  }
  exchange_->on_arrival(arrival_, result.bytes);
  return {into.data(), result.bytes};
}

bool Connection::may_read_into() const {
  return unread_ && usable_ && !paused_ && !in_read_ && input_.empty() &&
         reading_ == Reading::body && decoder_.passes_through();
}

size_t Connection::read_into(std::span<char> room) {
  if (reads_++ >= kReadsPerTurn) {
    context_.loop().post(*this);
    return 0;
  }
  in_read_ = true;
  const std::string_view bytes = read_once(room);
  in_read_ = false;
  if (bytes.empty()) return 0;
  const auto step = decoder_.decode(bytes);
  CHECK(step && step->body.data() == bytes.data());
  exchange_->on_body_taken(step->body.size());
  const size_t count = step->body.size();
  if (unread_) expect_rest();
  if (decoder_.done()) {
    finish(step->consumed < bytes.size());
    // Before another request begins here: there must be nothing behind it.
    if (unread_) on_readable(false);
  }
  return count;
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
    if (exchange_ && reading_ == Reading::body && decoder_.done()) {
      if (exchange_->status() == 101) input_.append(bytes);
      return finish(!bytes.empty());
    }
  }
  if (exchange_ && !bytes.empty()) input_.append(bytes);
}

// Both return how many bytes they used; 0 when more are needed, or when the
// connection was broken off.
size_t Connection::feed_head(std::string_view bytes) {
  HeadMemo& heads = context_.heads_;
  const auto parsed = heads.parse(bytes, exchange_->parts_.method == "HEAD",
                                  *exchange_->options_.head_limits);
  if (!parsed) {
    break_off(parsed.error());
    return 0;
  }
  if (*parsed == 0) return 0;
  const ResponseHead& head = heads.head();
  const bool interim = head.status < 200 && head.status != 101;
  if (interim) {
    if (head.status == 100) send_body();
    return *parsed;
  }
  if (is_of_idle_time(head)) {
    exchange_->on_answer_of_idle_time();
    break_off(Error{ErrorCode::http_disconnected, 0,
                    "closed by the server as idle, with a 408"});
    return 0;
  }
  info_ = head.info;
  if (info_.framing == Framing::until_close &&
      !exchange_->options_.read_until_close) {
    info_.framing = Framing::none;
    info_.keep_alive = false;
  }
  decoder_ = BodyDecoder(info_);
  reading_ = Reading::body;
  exchange_->on_head_parsed(bytes.substr(0, *parsed), head);
  return *parsed;
}

// A server may tell why it closes an idle connection (RFC 9110 section 15.5.9)
// just as the next request is on its way, to which that is no answer.
bool Connection::is_of_idle_time(const ResponseHead& head) const {
  return head.status == 408 && exchange_->timings().reused_connection &&
         arrival_.stamped && arrival_.at < asked_;
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
    if (step->ends_chunk && exchange_) exchange_->on_chunk_end();
    if (!exchange_) return 0;
    if (const bool pause = exchange_->paused(); pause != paused_) {
      paused_ = pause;
      exchange_->on_waiting_changed();
    }
  }
  return step->consumed;
}

Upgraded Connection::upgrade() {
  return {std::move(stream_), std::move(input_)};
}

void Connection::finish(bool leftover) {
  usable_ = info_.keep_alive && !leftover && request_sent_ &&
            info_.framing != Framing::until_close;
  reading_ = Reading::nothing;
  paused_ = awaits_body_ = false;  // it is to be seen when the peer closes it
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
    return break_off(Error{ErrorCode::http_disconnected, 0,
                           "closed in the middle of the answer's head"});
  }
  if (write_error_.code != ErrorCode::none)
    return break_off(std::move(write_error_));
  break_off(Error{ErrorCode::http_disconnected, 0,
                  "closed by the server before it answered"});
}

// Of a body that is not whole it is said how much came.
void Connection::on_read_failed(Error error) {
  if (exchange_ && reading_ == Reading::body) {
    if (const auto ended = decoder_.finish(); !ended)
      error.detail = ended.error().detail;
  }
  break_off(std::move(error));
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
  exchange_->on_waiting_changed();
  context_.loop().post(*this);
}

}  // namespace molotov::http
