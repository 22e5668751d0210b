#include "target/connection.h"

#include <sys/socket.h>

#include <thread>
#include <utility>

#include "target/server.h"

namespace molotov::target {

namespace {

using net::IoResult;
using net::IoStatus;

constexpr http::HeadLimits kHeadLimits;
constexpr size_t kEchoBytesMax = size_t{64} << 20;
// After so many steps others have their turn: a step reads, answers, or sends
// at most one piece.
constexpr int kStepsATurn = 64;
constexpr size_t kReadBytes = 16384;
// How long a client may take to notice that we have closed.
constexpr Duration kLinger = 2s;
constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

// Answers that leave the rest of the request unread.
Reply malformed(const Error& error) {
  const int status = error.code == ErrorCode::http_too_large ? 431 : 400;
  return error_reply(status, error.detail, Ending::close);
}

Reply body_too_large() {
  return error_reply(413, "the body is larger than 64 MiB", Ending::close);
}

}  // namespace

Connection::Connection(Server& server, std::unique_ptr<net::Stream> stream)
    : server_(server), stream_(std::move(stream)) {
  stream_->set_listener(this);
}

void Connection::on_readable(bool hung_up) {
  readable_ = true;
  hung_up_ |= hung_up;
  const bool withheld = state_ == State::silent || state_ == State::delayed ||
                        state_ == State::pausing;
  // Nobody waits for the answer any more.
  if (hung_up && withheld) return server_.drop(*this);
  advance();
}

void Connection::on_writable() {
  if (state_ == State::sending || state_ == State::websocket) advance();
}

void Connection::on_timer() {
  if (state_ == State::lingering) return server_.drop(*this);
  state_ = state_ == State::delayed ? State::replying : State::sending;
  advance();
}

void Connection::advance() {
  for (int steps = 0; steps < kStepsATurn; steps++) {
    switch (step()) {
      case Progress::again:
        break;
      case Progress::wait:
        return keep_input();
      case Progress::gone:
        return server_.drop(*this);
    }
  }
  keep_input();
  server_.loop().post(*this);
}

Connection::Progress Connection::step() {
  switch (state_) {
    case State::head:
      return input().empty() ? fill() : read_head();
    case State::body:
      return read_body();
    case State::replying:
      return reply();
    case State::sending:
      return send();
    case State::delayed:
    case State::pausing:
    case State::silent:
      return Progress::wait;
    case State::websocket:
      return echo();
    case State::lingering:
      consume(input().size());
      return fill();
  }
  return Progress::gone;
}

Connection::Progress Connection::read_head() {
  if (closes_next_) return Progress::gone;
  http::RequestHead& head = server_.head();
  const auto length = http::parse_request_head(input(), kHeadLimits, head);
  if (!length) {
    client_ = {};
    return refuse(malformed(length.error()));
  }
  if (*length == 0) return fill();
  const Progress progress = take_request(head);
  consume(*length);
  return progress;
}

Connection::Progress Connection::take_request(const http::RequestHead& head) {
  client_ = {.head_only = head.method == "HEAD",
             .keep_alive = head.info.keep_alive,
             .minor_version = head.info.minor_version};
  reply_ = server_.routes().answer(head);
  if (reply_.counted) {
    count(server_.counters().requests);
    if (!std::exchange(counted_, true)) count(server_.counters().connections);
  }
  if (reply_.ending == Ending::reset) return reset();
  if (reply_.ending == Ending::never) {
    state_ = State::silent;
    return hung_up_ ? Progress::gone : Progress::wait;
  }
  if (reply_.ending == Ending::keep && !client_.keep_alive)
    reply_.ending = Ending::close;
  body_ = http::BodyDecoder(head.info);
  state_ = State::replying;
  return body_.done() ? Progress::again : begin_body(head.info);
}

Connection::Progress Connection::begin_body(const http::MessageInfo& info) {
  if (reply_.echo && info.content_length > kEchoBytesMax)
    return refuse(body_too_large());
  if (reply_.early) {
    // The client may send the body all the same, or not: only a new connection
    // tells where its next request begins (RFC 9110 section 10.1.1).
    if (info.expects_continue) reply_.ending = Ending::close;
    return Progress::again;
  }
  state_ = State::body;
  if (!info.expects_continue) return Progress::again;
  out_.start(kContinue);
  interim_ = true;
  state_ = State::sending;
  return Progress::again;
}

Connection::Progress Connection::read_body() {
  if (body_.done()) {
    state_ = std::exchange(answered_, false) ? State::head : State::replying;
    return Progress::again;
  }
  if (input().empty()) return fill();
  const auto step = body_.decode(input());
  if (!step) {
    if (answered_) return Progress::gone;
    return refuse(malformed(step.error()));
  }
  if (reply_.echo) {
    if (reply_.body.size() + step->body.size() > kEchoBytesMax)
      return refuse(body_too_large());
    reply_.body.append(step->body);
  }
  consume(step->consumed);
  if (const auto rest = body_.remaining_bytes(); rest && input().empty())
    stream_->expect(*rest);
  return Progress::again;
}

// Answers, and reads no further request.
Connection::Progress Connection::refuse(Reply reply) {
  reply_ = std::move(reply);
  reply_.counted = false;
  state_ = State::replying;
  return Progress::again;
}

Connection::Progress Connection::reply() {
  if (reply_.delay > 0ns) {
    server_.loop().arm(*this, arrival_.at + std::exchange(reply_.delay, 0ns));
    state_ = State::delayed;
    return Progress::wait;
  }
  // Nothing else is served meanwhile, and that is the aim.
  if (reply_.freeze > 0ns) std::this_thread::sleep_for(reply_.freeze);
  if (reply_.ready && reply_.ending == Ending::keep && !client_.head_only &&
      client_.minor_version == 1)
    return send_ready();
  std::string head;
  if (!reply_.raw) head = make_head(reply_, client_, server_.routes().date());
  out_.start(std::move(head), reply_, !client_.head_only);
  state_ = State::sending;
  return Progress::again;
}

// The way of nearly every request of a load test: one send, nothing made.
Connection::Progress Connection::send_ready() {
  const std::string_view bytes = *reply_.ready;
  const Instant now = server_.write_time();
  const IoResult sent = stream_->write(bytes);
  if (sent.status == IoStatus::failed) return Progress::gone;
  const size_t taken = sent.status == IoStatus::ok ? sent.bytes : 0;
  if (taken == bytes.size()) {
    note_answer(now);
    return finish();
  }
  out_.start(bytes.substr(taken));
  state_ = State::sending;
  return Progress::again;
}

Connection::Progress Connection::send() {
  if (out_.piece().empty()) {
    out_ = Outgoing();
    return finish();
  }
  const Instant now = server_.write_time();
  const IoResult sent = stream_->write(out_.piece());
  if (sent.status == IoStatus::would_block) return Progress::wait;
  if (sent.status != IoStatus::ok) return Progress::gone;
  const bool pause = out_.sent(sent.bytes);
  if (out_.piece().empty()) note_answer(now);
  if (!pause) return Progress::again;
  server_.loop().arm_after(*this, out_.interval());
  state_ = State::pausing;
  return Progress::wait;
}

// The write at `written` took the last byte.
void Connection::note_answer(Instant written) {
  if (reply_.counted && !interim_) server_.answered(arrival_, written);
}

Connection::Progress Connection::finish() {
  if (std::exchange(interim_, false)) {
    state_ = State::body;
    return Progress::again;
  }
  if (reply_.websocket) {
    websocket_ = std::move(reply_.websocket);
    reply_ = Reply();
    state_ = State::websocket;
    return Progress::again;
  }
  switch (reply_.ending) {
    case Ending::close:
      return close_in_order();
    case Ending::drop:
      return Progress::gone;
    default:
      break;
  }
  closes_next_ = reply_.closes_next;
  answered_ = !body_.done();
  state_ = answered_ ? State::body : State::head;
  if (!reply_.ready) reply_ = Reply();
  return Progress::again;
}

// One step: sends, else answers, else reads.
Connection::Progress Connection::echo() {
  if (!unsent_.empty()) {
    const IoResult sent = stream_->write(unsent_.view());
    if (sent.status == IoStatus::would_block) return Progress::wait;
    if (sent.status != IoStatus::ok) return Progress::gone;
    unsent_.consume(sent.bytes);
    if (unsent_.empty()) unsent_.reset();
    return Progress::again;
  }
  if (websocket_->closed()) return close_in_order();
  if (input().empty()) return fill();
  const std::span<char> bytes = kept_.empty() ? fresh_ : kept_.span();
  consume(websocket_->echo(bytes, unsent_));
  return Progress::again;
}

// Closing with bytes unread would reset the connection, and the client might
// lose the answer (RFC 9112 section 9.6).
Connection::Progress Connection::close_in_order() {
  stream_->shut_down_write();
  server_.loop().arm_after(*this, kLinger);
  state_ = State::lingering;
  return Progress::again;
}

Connection::Progress Connection::reset() {
  // At once, so that TLS cannot say good-bye first; and where that does nothing
  // (a Unix socket), by the close.
  const linger at_once{.l_onoff = 1, .l_linger = 0};
  setsockopt(stream_->fd(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  const sockaddr nowhere{.sa_family = AF_UNSPEC, .sa_data = {}};
  [[maybe_unused]] const int disconnected =
      ::connect(stream_->fd(), &nowhere, sizeof nowhere);
  return Progress::gone;
}

void Connection::consume(size_t bytes) {
  if (kept_.empty())
    fresh_ = fresh_.subspan(bytes);
  else
    kept_.consume(bytes);
}

Connection::Progress Connection::fill() {
  if (!readable_) return Progress::wait;
  const bool append = !input().empty();
  if (append) keep_input();
  const std::span<char> room =
      append ? kept_.prepare(kReadBytes) : server_.scratch();
  const IoResult got = stream_->read(room);
  switch (got.status) {
    case IoStatus::ok:
      break;
    case IoStatus::would_block:
      readable_ = false;
      return Progress::wait;
    default:
      return Progress::gone;
  }
  // Behind the end that has been told, only a read finds it.
  readable_ = hung_up_ || !got.drained;
  arrival_ = got.arrival;
  if (append)
    kept_.commit(got.bytes);
  else
    fresh_ = room.first(got.bytes);
  return Progress::again;
}

void Connection::keep_input() {
  kept_.append({fresh_.data(), fresh_.size()});
  fresh_ = {};
}

}  // namespace molotov::target
