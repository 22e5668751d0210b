#include "http/exchange.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <initializer_list>
#include <utility>

#include "base/check.h"
#include "http/client.h"
#include "http/connection.h"
#include "http/syntax.h"

namespace molotov::http {

namespace {

constexpr HeadLimits kHeadLimits;
// A redirecting answer's body is read to its end, so that the connection can be
// used again, but no further than this.
constexpr uint64_t kRedirectBodyBytesMax = 64 * 1024;

bool is_idempotent(std::string_view method) {
  return method == "GET" || method == "HEAD" || method == "OPTIONS" ||
         method == "PUT" || method == "DELETE" || method == "TRACE";
}

Instant after(Instant start, Duration span) {
  return span > 0ns ? start + span : Instant::max();
}

constexpr std::string_view kLineEnd = "\r\n";

// `out` becomes the pieces, one behind the other. Sized first and filled then:
// appended one by one they would cost twice as much.
void join(std::initializer_list<std::string_view> pieces, std::string& out) {
  size_t size = 0;
  for (const std::string_view piece : pieces) size += piece.size();
  out.resize(size);
  char* at = out.data();
  for (const std::string_view piece : pieces) {
    if (!piece.empty()) std::memcpy(at, piece.data(), piece.size());
    at += piece.size();
  }
}

}  // namespace

void Exchange::Deadline::set(Instant deadline, ErrorCode code) {
  wanted_ = deadline;
  code_ = code;
  if (deadline == Instant::max()) return;
  if (!armed() || this->deadline() > deadline)
    exchange_.context_.loop().arm(*this, deadline);
}

void Exchange::Deadline::on_timer() {
  if (wanted_ == Instant::max()) return;
  if (wanted_ > exchange_.context_.loop().now())
    exchange_.context_.loop().arm(*this, wanted_);
  else
    exchange_.on_deadline();
}

Exchange::Exchange(Context& context) : context_(context), deadline_(*this) {}
Exchange::~Exchange() = default;

void Exchange::start(Client& client, const RequestParts& parts,
                     const ExchangeOptions& options,
                     ExchangeListener* listener) {
  CHECK(state_ == State::idle);
  client_ = &client;
  parts_ = parts;
  options_ = options;
  listener_ = listener;
  started_ = context_.loop().now();
  total_deadline_ = after(started_, options.timeout.total);
  client_->under_way_++;
  begin_hop();
}

void Exchange::begin_hop() {
  timings_ = Timings{};
  timings_.started = context_.loop().now();
  status_ = 0;
  head_.clear();
  fields_parsed_ = false;
  recorded_ = false;
  redirecting_ = false;
  bytes_sent_ = bytes_received_ = 0;
  content_decoder_.reset();
  // What is repeated because a kept connection was dead gets a new one.
  auto idle = retried_ ? nullptr : client_->take(*parts_.target->origin);
  if (idle) {
    timings_.reused_connection = true;
    serve_on(std::move(idle));
    return;
  }
  state_ = State::connecting;
  set_deadline();
  connecting_ = connect();
  connecting_.start();
}

io::Task<> Exchange::connect() {
  const Origin& origin = *parts_.target->origin;
  net::Endpoint endpoint{.target = {origin.host, origin.port},
                         .unix_path = origin.unix_path,
                         .tls = origin.tls,
                         .server_name = {}};
  auto stream = co_await context_.connector_.connect(std::move(endpoint),
                                                     timings_.connect);
  if (!stream) {
    fail(std::move(stream.error()));
    co_return;
  }
  serve_on(std::make_unique<Connection>(context_, origin, std::move(*stream)));
}

void Exchange::serve_on(std::unique_ptr<Connection> connection) {
  connection_ = std::move(connection);
  if (!options_.gated || retried_) return send();
  state_ = State::ready;
  set_deadline();
  listener_->on_ready_to_send(*this);
}

void Exchange::send() {
  state_ = State::sending;
  set_deadline();
  connection_->begin(*this);
}

void Exchange::proceed() {
  if (state_ != State::ready) return;
  if (connection_->usable()) return send();
  // It died meanwhile; nothing was sent, so it may go another way.
  drop_connection();
  retried_ = true;
  begin_hop();
}

void Exchange::render_head(std::string& out) {
  const bool plain =
      !parts_.body && parts_.own_cookies.empty() && !client_->has_cookies();
  join({parts_.method, " ", parts_.target->line_and_host, parts_.own_fields,
        parts_.fields, plain ? kLineEnd : std::string_view()},
       out);
  if (plain) return;
  append_cookies(out);
  if (parts_.body) {
    out += "Content-Length: ";
    out += std::to_string(parts_.body->size());
    out += kLineEnd;
    out += parts_.content_fields;
  }
  out += kLineEnd;
}

void Exchange::append_cookies(std::string& out) {
  std::string_view cookies = parts_.own_cookies;
  std::string with_kept;
  if (client_->has_cookies()) {
    with_kept = client_->cookies().header_for(url(), context_.loop().wall_now(),
                                              cookies);
    cookies = with_kept;
  }
  if (cookies.empty()) return;
  out += "Cookie: ";
  out += cookies;
  out += "\r\n";
}

void Exchange::on_sent(Instant at, size_t bytes, bool whole) {
  timings_.sent = at;
  bytes_sent_ += bytes;
  if (whole && state_ == State::sending) state_ = State::waiting;
  if (options_.timeout.sock_read > 0ns) set_deadline();
}

void Exchange::on_arrival(const net::Arrival& arrival, size_t bytes) {
  if (bytes_received_ == 0) timings_.first_byte = arrival;
  timings_.last_byte = arrival;
  bytes_received_ += bytes;
  if (options_.timeout.sock_read > 0ns) set_deadline();
}

void Exchange::on_head_parsed(std::string_view raw, const ResponseHead& head) {
  status_ = head.status;
  head_.assign(raw);
  fields_parsed_ = false;
  state_ = State::body;
  if (head.info.has_set_cookie) keep_cookies(head);
  if (options_.follow_redirects && is_redirect_status(head.status)) {
    if (!plan_redirect(head) || redirecting_) return;
  }
  if (options_.decode_content && !head.info.content_encoding.empty())
    content_decoder_ = ContentDecoder::create(head.info.content_encoding);
  has_head_ = true;
  if (client_->observer_) client_->observer_->on_answer(*this);
  listener_->on_head(*this);
}

void Exchange::keep_cookies(const ResponseHead& head) {
  if (client_->cookies_off_) return;
  for (const Field& field : head.fields)
    if (equals_ignoring_case(field.name, "set-cookie"))
      client_->cookies().store(field.value, url(), context_.loop().wall_now());
}

// Returns false when the redirect failed the exchange.
bool Exchange::plan_redirect(const ResponseHead& head) {
  auto next = next_request(head.status, parts_.method, url(), head.fields);
  if (!next) {
    fail(std::move(next.error()));
    return false;
  }
  if (!*next) return true;
  history_.push_back({.status = head.status,
                      .url = url().to_string(),
                      .method = std::string(parts_.method),
                      .head = head_});
  if (options_.max_redirects > 0 &&
      history_.size() >= static_cast<size_t>(options_.max_redirects)) {
    fail(Error{ErrorCode::http_too_many_redirects, 0,
               fmt::format("{} redirects, the last one from {}",
                           history_.size(), url().to_string())});
    return false;
  }
  next_ = std::move(*next);
  redirecting_ = true;
  return true;
}

void Exchange::follow_redirect() {
  NextRequest next = std::move(*next_);
  next_.reset();
  std::string fields = fields_for(next);
  auto target = context_.make_target(std::move(next.url), options_.verify,
                                     parts_.target->origin->unix_path);
  if (!target) return fail(std::move(target.error()));
  next_target_ = std::make_unique<Target>(std::move(*target));
  next_method_ = std::move(next.method);
  next_fields_ = std::move(fields);
  parts_.target = next_target_.get();
  parts_.method = next_method_;
  parts_.own_fields = next_fields_;
  parts_.fields = {};
  if (next.drops_body) {
    parts_.body.reset();
    parts_.content_fields = {};
  }
  if (next.drops_credentials) parts_.own_cookies = {};
  retried_ = false;
  begin_hop();
}

// The field lines that the next request keeps.
std::string Exchange::fields_for(const NextRequest& next) const {
  std::string kept;
  for (std::string_view lines : {parts_.own_fields, parts_.fields}) {
    while (!lines.empty()) {
      const size_t end = lines.find("\r\n") + 2;
      const std::string_view line = lines.substr(0, end);
      lines.remove_prefix(end);
      const std::string_view name = line.substr(0, line.find(':'));
      const bool dropped =
          (next.drops_body && is_content_field(name)) ||
          (next.drops_credentials && is_credential_field(name));
      if (!dropped) kept += line;
    }
  }
  return kept;
}

Result<> Exchange::on_body_bytes(std::string_view piece) {
  if (redirecting_) {
    if (bytes_received_ > kRedirectBodyBytesMax) {
      drop_connection();
      record(nullptr);
      follow_redirect();
    }
    return {};
  }
  if (content_decoder_) {
    if (auto decoded = content_decoder_->decode(piece, body_); !decoded)
      return decoded;
  } else {
    body_.append(piece);
  }
  listener_->on_progress(*this);
  return {};
}

bool Exchange::paused() const {
  return !wants_all_ && !redirecting_ &&
         body_.size() > options_.read_buffer_bytes;
}

// How long the next bytes take is nobody's fault but ours while they are not
// read.
void Exchange::on_paused_or_resumed() {
  if (options_.timeout.sock_read > 0ns) set_deadline();
}

void Exchange::consume_body(size_t bytes) {
  body_.consume(bytes);
  if (connection_ && !paused()) connection_->resume();
}

void Exchange::want_all() {
  wants_all_ = true;
  if (connection_) connection_->resume();
}

void Exchange::on_complete() {
  timings_.handled = timings_.last_byte.read_at;
  if (content_decoder_) {
    if (auto ended = content_decoder_->finish(); !ended)
      return fail(std::move(ended.error()));
  }
  if (connection_->usable())
    client_->put_back(std::move(connection_));
  else
    context_.bury(std::move(connection_));
  record(nullptr);
  if (redirecting_) return follow_redirect();
  end(State::done);
  listener_->on_progress(*this);
}

// The connection is of no more use; it is still ours.
void Exchange::on_connection_failed(Error error) {
  const bool retry = may_retry();
  const bool answered = bytes_received_ > 0;
  context_.bury(std::move(connection_));
  if (retry) {
    retried_ = true;
    begin_hop();
    return;
  }
  if (error.code == ErrorCode::reset && !answered)
    error.detail = "connection reset by the server before it answered";
  fail(std::move(error));
}

// RFC 9112 section 9.3.1: a connection kept alive may be closed by the server
// just as the next request is on its way; then a request that may be repeated
// (RFC 9110 section 9.2.2) is, once and on a connection of its own.
bool Exchange::may_retry() const {
  return timings_.reused_connection && !retried_ && bytes_received_ == 0 &&
         is_idempotent(parts_.method);
}

void Exchange::drop_connection() {
  context_.bury(std::move(connection_));
}

void Exchange::end(State how) {
  state_ = how;
  deadline_.clear();
  client_->under_way_--;
}

void Exchange::fail(Error error) {
  if (state_ == State::done || state_ == State::failed) return;
  drop_connection();
  error_ = std::move(error);
  record(&error_);
  end(State::failed);
  if (has_head_)
    listener_->on_progress(*this);
  else
    listener_->on_failed(*this);
}

void Exchange::cancel() {
  if (state_ == State::idle || state_ == State::done || state_ == State::failed)
    return;
  connecting_ = {};
  drop_connection();
  error_ = Error{ErrorCode::cancelled, 0, "cancelled"};
  record(status_ ? nullptr : &error_);
  end(State::failed);
}

void Exchange::release() {
  cancel();
  clear();
  context_.give_back(*this);
}

void Exchange::clear() {
  client_ = nullptr;
  listener_ = nullptr;
  parts_ = {};
  deadline_.clear();
  state_ = State::idle;
  has_head_ = retried_ = wants_all_ = redirecting_ = false;
  status_ = 0;
  head_.clear();
  if (head_.capacity() > Buffer::kKeptBytes) head_ = std::string();
  body_.clear();
  content_decoder_.reset();
  if (error_.code != ErrorCode::none) error_ = {};
  connecting_ = {};
  history_.clear();
  next_target_.reset();
}

void Exchange::record(const Error* error) {
  if (std::exchange(recorded_, true) || !client_->observer_) return;
  client_->observer_->on_request_done(*this, error);
}

void Exchange::set_deadline() {
  const TimeoutOptions& timeout = options_.timeout;
  const Instant now = context_.loop().now();
  Instant deadline = Instant::max();
  ErrorCode code = ErrorCode::read_timeout;
  if (state_ == State::connecting) {
    code = ErrorCode::connect_timeout;
    deadline =
        std::min(after(now, timeout.connect), after(now, timeout.sock_connect));
  } else if (state_ != State::ready &&
             (!connection_ || !connection_->paused())) {
    deadline = after(now, timeout.sock_read);
    if (state_ == State::sending) code = ErrorCode::write_timeout;
  }
  if (total_deadline_ <= deadline)
    deadline_.set(total_deadline_, ErrorCode::total_timeout);
  else
    deadline_.set(deadline, code);
}

void Exchange::on_deadline() {
  connecting_ = {};
  fail(Error{deadline_.code(), 0,
             fmt::format("no {} after {:g} s", waited_for(),
                         duration_to_seconds(time_allowed()))});
}

// The bound that was reached.
Duration Exchange::time_allowed() const {
  const TimeoutOptions& timeout = options_.timeout;
  if (deadline_.code() == ErrorCode::total_timeout) return timeout.total;
  if (state_ != State::connecting) return timeout.sock_read;
  if (timeout.connect == 0ns) return timeout.sock_connect;
  if (timeout.sock_connect == 0ns) return timeout.connect;
  return std::min(timeout.connect, timeout.sock_connect);
}

std::string Exchange::waited_for() const {
  const std::string peer = url().authority();
  switch (state_) {
    case State::connecting:
      return fmt::format("connection to {}", peer);
    case State::ready:
      return fmt::format("go-ahead for the request to {}", peer);
    case State::sending:
      return fmt::format("room to send the request to {}", peer);
    case State::waiting:
      return fmt::format("answer from {}", peer);
    default:
      return fmt::format("end of the answer from {} ({} bytes came)", peer,
                         bytes_received_);
  }
}

const ResponseHead& Exchange::fields() {
  if (!std::exchange(fields_parsed_, true)) {
    // It was parsed once, so this cannot fail.
    const auto parsed = parse_response_head(head_, parts_.method == "HEAD",
                                            kHeadLimits, parsed_);
    CHECK(parsed && *parsed == head_.size());
  }
  return parsed_;
}

}  // namespace molotov::http
