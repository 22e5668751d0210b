#include "http/exchange.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <initializer_list>
#include <iterator>
#include <utility>

#include "base/check.h"
#include "http/client.h"
#include "http/connection.h"
#include "http/syntax.h"

namespace molotov::http {

namespace {

// A redirecting answer's body is read to its end, so that the connection can be
// used again, but no further than this.
constexpr uint64_t kRedirectBodyBytesMax = 64 * 1024;

// For a server that does not know of `Expect`; as long as curl waits.
constexpr Duration kContinuePatience = 1s;

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

void Exchange::Patience::on_timer() {
  if (exchange_.connection_) exchange_.connection_->send_body();
}

void Exchange::PlaceWaiter::on_admitted(Pool::Admission admission) {
  exchange_.on_admitted(std::move(admission));
}

Exchange::Exchange(Context& context)
    : context_(context),
      deadline_(*this),
      patience_(*this),
      place_waiter_(*this) {}
Exchange::~Exchange() = default;

void Exchange::start(Client& client, const RequestParts& parts,
                     const ExchangeOptions& options, ExchangeListener* listener,
                     Duration late) {
  CHECK(state_ == State::idle);
  client_ = &client;
  parts_ = parts;
  options_ = options;
  listener_ = listener;
  started_ = context_.loop().now();
  intended_ = started_ - late;
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
  if (!sent_cookies_.empty()) sent_cookies_.clear();
  // What is repeated because a kept connection was dead gets a new one, in the
  // place that it has.
  if (place_) return begin_connecting();
  Pool& pool = client_->pool();
  if (auto kept = pool.take(*parts_.target->origin, place_))
    return serve_kept(std::move(kept));
  place_ = pool.take_place(*parts_.target->origin);
  if (place_) return begin_connecting();
  if (pool.closed()) return on_admitted({});
  state_ = State::queued;
  set_deadline();
  pool.wait(place_waiter_, *parts_.target->origin);
}

void Exchange::begin_connecting() {
  state_ = State::connecting;
  set_deadline();
  connecting_ = connect();
  connecting_.start();
}

// Its turn has come; or it never will.
void Exchange::on_admitted(Pool::Admission admission) {
  if (!admission.place)
    return fail(Error{ErrorCode::pool_closed, 0, "Connector is closed."});
  listener_->on_placed(*this);
  place_ = std::move(admission.place);
  if (admission.connection) return serve_kept(std::move(admission.connection));
  begin_connecting();
}

void Exchange::serve_kept(std::unique_ptr<Connection> connection) {
  timings_.reused_connection = true;
  serve_on(std::move(connection));
}

io::Task<> Exchange::connect() {
  const Origin& origin = *parts_.target->origin;
  net::Connector& connector = client_->pool().connector();
  net::Endpoint endpoint{.target = {origin.host, origin.port},
                         .unix_path = origin.unix_path,
                         .tls = origin.tls};
  auto connected =
      origin.proxy
          ? connect_through_proxy(context_.loop_, connector, origin, host(),
                                  timings_.connect, proxy_answer_)
          : connector.connect(std::move(endpoint), timings_.connect);
  auto stream = co_await std::move(connected);
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
  if (expects_continue())
    context_.loop().arm(patience_, context_.loop().now() + kContinuePatience);
  connection_->begin(*this);
}

bool Exchange::expects_continue() const {
  return options_.expect_continue && has_request_body() && body_size() != 0;
}

void Exchange::proceed() {
  if (state_ != State::ready) return;
  if (connection_->usable()) return send();
  // It died meanwhile; nothing was sent, so it may go another way.
  context_.bury(std::move(connection_));
  retried_ = true;
  begin_hop();
}

void Exchange::render_head(std::string& out) {
  const bool plain = !has_request_body() && parts_.own_cookies.empty() &&
                     !client_->has_cookies() && sent_cookies_.empty() &&
                     parts_.last_fields.empty();
  const std::string line_and_host =
      parts_.host.empty() ? std::string() : line_and_own_host();
  join(
      {parts_.method, " ",
       parts_.host.empty() ? parts_.target->line_and_host : line_and_host,
       parts_.own_fields, parts_.fields, plain ? kLineEnd : std::string_view()},
      out);
  if (plain) return;
  append_cookies(out);
  out += parts_.last_fields;
  if (has_request_body()) append_body_fields(out);
  out += kLineEnd;
}

std::string Exchange::line_and_own_host() const {
  return line_and_host_of(url(), *parts_.target->origin, parts_.host,
                          options_.minor_version);
}

// What the Host field says.
std::string Exchange::host() const {
  return parts_.host.empty() ? url().authority() : std::string(parts_.host);
}

void Exchange::append_body_fields(std::string& out) const {
  const auto size = body_size();
  const bool adds = !parts_.fields_frame_body;
  if (adds && size)
    fmt::format_to(std::back_inserter(out), "Content-Length: {}\r\n", *size);
  out += parts_.content_fields;
  if (adds && !size) out += "Transfer-Encoding: chunked\r\n";
  if (expects_continue()) out += "Expect: 100-continue\r\n";
}

// Of the request's, which it has; nothing where it is not known.
std::optional<uint64_t> Exchange::body_size() const {
  if (parts_.body_source) return parts_.body_source->size();
  return parts_.body_file ? parts_.body_file->size_bytes : parts_.body->size();
}

void Exchange::continue_body() {
  if (state_ == State::sending || state_ == State::body)
    if (connection_) connection_->continue_request();
}

void Exchange::append_cookies(std::string& out) {
  // Since then the answer may have set others.
  if (status_ == 0) {
    sent_cookies_ = client_->has_cookies()
                        ? client_->cookies_for(url(), parts_.own_cookies)
                        : std::string(parts_.own_cookies);
  }
  if (sent_cookies_.empty()) return;
  out += "Cookie: ";
  out += sent_cookies_;
  out += "\r\n";
}

void Exchange::on_sent(Instant at, size_t bytes, bool whole) {
  timings_.sent = at;
  bytes_sent_ += bytes;
  if (whole && state_ == State::sending) state_ = State::waiting;
  if (options_.timeout.sock_read > 0ns) set_deadline();
}

void Exchange::on_arrival(const net::Arrival& arrival, size_t bytes) {
  if (bytes_received_ == 0) {
    timings_.first_byte = arrival;
    timings_.first_read_bytes = bytes;
  }
  timings_.last_byte = arrival;
  bytes_received_ += bytes;
  if (options_.timeout.sock_read > 0ns) set_deadline();
}

void Exchange::on_head_parsed(std::string_view raw, const ResponseHead& head) {
  status_ = head.status;
  head_.assign(raw);
  fields_parsed_ = false;
  state_ = State::body;
  if (head.info.has_set_cookie) client_->keep_cookies(url(), head.fields);
  if (options_.follow_redirects && is_redirect_status(head.status)) {
    if (!plan_redirect(head) || redirecting_) return;
  }
  if (options_.decode_content && !head.info.content_encoding.empty())
    content_decoder_ = ContentDecoder::create(head.info.content_encoding);
  has_head_ = true;
  if (client_->observer_) client_->observer_->on_answer(*this);
  listener_->on_head(*this);
}

// Returns false when the redirect failed the exchange.
bool Exchange::plan_redirect(const ResponseHead& head) {
  auto next = next_request(head.status, parts_.method, url(), head.fields,
                           options_.location_form);
  if (!next) {
    fail(std::move(next.error()));
    return false;
  }
  if (!*next) return true;
  history_.push_back({.status = head.status,
                      .url = url().to_string(),
                      .method = std::string(parts_.method),
                      .head = head_,
                      .request_head = {}});
  render_head(history_.back().request_head);
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

// Goes on without the rest of the redirecting answer's body.
void Exchange::leave_redirect() {
  drop_connection();
  record(nullptr);
  follow_redirect();
}

// The way of a redirected hop.
Result<Way> Exchange::way_to(const Url& url) const {
  if (parts_.router) return parts_.router->way_to(url);
  const Origin& origin = *parts_.target->origin;
  return Way{.route = {origin.unix_path, origin.proxy}};
}

void Exchange::follow_redirect() {
  NextRequest next = std::move(*next_);
  next_.reset();
  std::string fields = fields_for(next);
  auto way = way_to(next.url);
  if (!way) return fail(std::move(way.error()));
  if (!next.authorization.empty())
    fields += next.authorization;
  else if (next.drops_credentials)
    fields += way->authorization;
  auto target =
      context_.make_target(std::move(next.url), *options_.security, way->route);
  if (!target) return fail(std::move(target.error()));
  next_target_ = std::make_unique<Target>(std::move(*target));
  next_method_ = std::move(next.method);
  next_fields_ = std::move(fields);
  parts_.target = next_target_.get();
  parts_.method = next_method_;
  parts_.own_fields = next_fields_;
  parts_.fields = {};
  parts_.last_fields = {};
  if (next.drops_body) {
    parts_.body.reset();
    parts_.body_source = nullptr;
    parts_.body_file.reset();
    parts_.content_fields = {};
    parts_.fields_frame_body = false;
  } else if (!rewind_body()) {
    return fail(Error{ErrorCode::http_body_consumed, 0,
                      "redirected to " + parts_.target->url.to_string() +
                          ", and the request's body cannot be sent again"});
  }
  if (next.drops_credentials) {
    parts_.own_cookies = parts_.host = {};
    // The line that is at hand is of HTTP/1.1.
    if (options_.minor_version != 1) {
      next_host_ = url().authority();
      parts_.host = next_host_;
    }
  }
  retried_ = false;
  intended_ = context_.loop().now();
  begin_hop();
}

// The field lines that the next request keeps.
std::string Exchange::fields_for(const NextRequest& next) const {
  std::string kept;
  for (std::string_view lines :
       {parts_.own_fields, parts_.fields, parts_.last_fields}) {
    while (!lines.empty()) {
      const size_t end = lines.find("\r\n") + 2;
      const std::string_view line = lines.substr(0, end);
      lines.remove_prefix(end);
      const std::string_view name = line.substr(0, line.find(':'));
      const bool dropped =
          (next.drops_body && is_content_field(name)) ||
          (next.drops_credentials && is_credential_field(name)) ||
          (!next.authorization.empty() &&
           equals_ignoring_case(name, "authorization"));
      if (!dropped) kept += line;
    }
  }
  return kept;
}

Result<> Exchange::on_body_bytes(std::string_view piece) {
  if (redirecting_) {
    if (bytes_received_ > kRedirectBodyBytesMax) leave_redirect();
    return {};
  }
  if (content_decoder_) {
    coded_bytes_ += piece.size();
    if (auto decoded = content_decoder_->decode(piece, body_); !decoded)
      return decoded;
  } else {
    body_.append(piece);
  }
  listener_->on_progress(*this);
  return {};
}

void Exchange::on_chunk_end() {
  if (redirecting_ || wants_all_) return;
  const uint64_t at = consumed_bytes_ + body_.size();
  if (chunk_ends_.empty() || chunk_ends_.back() != at)
    chunk_ends_.push_back(at);
}

bool Exchange::paused() const {
  return !wants_all_ && !redirecting_ &&
         body_.size() > options_.read_buffer_bytes;
}

// How long the next bytes take is nobody's fault but ours while they are not
// read, or the body to be sent is not there.
void Exchange::on_waiting_changed() {
  if (options_.timeout.sock_read > 0ns) set_deadline();
}

void Exchange::consume_body(size_t bytes) {
  body_.consume(bytes);
  consumed_bytes_ += bytes;
  reader_comes_ = false;
  if (connection_ && !paused()) connection_->resume();
}

bool Exchange::may_read_body_into() const {
  return state_ == State::body && !redirecting_ && !content_decoder_ &&
         body_.empty() && connection_ && connection_->may_read_into();
}

size_t Exchange::read_body_into(std::span<char> room) {
  return may_read_body_into() ? connection_->read_into(room) : 0;
}

void Exchange::want_all() {
  wants_all_ = true;
  chunk_ends_.clear();
  if (connection_) connection_->resume();
}

void Exchange::raise_read_buffer(size_t bytes) {
  options_.read_buffer_bytes = std::max(options_.read_buffer_bytes, bytes);
  if (connection_ && !paused()) connection_->resume();
}

void Exchange::on_complete() {
  timings_.handled = timings_.last_byte.read_at;
  if (content_decoder_) {
    if (auto ended = content_decoder_->finish(); !ended)
      return fail(std::move(ended.error()));
  }
  if (connection_->usable()) {
    client_->pool().put_back(std::move(connection_));
    place_.give_up();
  } else if (status_ != 101) {
    drop_connection();
  }
  record(nullptr);
  if (redirecting_) return follow_redirect();
  end(State::done);
  listener_->on_progress(*this);
}

// The connection is of no more use; it is still ours.
void Exchange::on_connection_failed(Error error) {
  if (redirecting_) return leave_redirect();
  const bool retry = may_retry() && rewind_body();
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

bool Exchange::rewind_body() {
  return !parts_.body_source || parts_.body_source->rewind();
}

Upgraded Exchange::take_upgraded() {
  Upgraded upgraded = connection_->upgrade();
  upgraded.place = std::move(place_);
  drop_connection();
  return upgraded;
}

void Exchange::drop_connection() {
  context_.bury(std::move(connection_));
  place_.give_up();
}

void Exchange::end(State how) {
  state_ = how;
  place_waiter_.leave();
  deadline_.clear();
  if (options_.expect_continue) context_.loop().disarm(patience_);
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
  if (is_upgraded()) drop_connection();
  if (state_ == State::idle || state_ == State::done || state_ == State::failed)
    return;
  connecting_ = {};
  drop_connection();
  error_ = Error{ErrorCode::cancelled, 0, "Connection closed"};
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
  has_head_ = retried_ = wants_all_ = reader_comes_ = redirecting_ = false;
  status_ = 0;
  head_.clear();
  if (head_.capacity() > Buffer::kKeptBytes) head_ = std::string();
  body_.clear();
  chunk_ends_.clear();
  consumed_bytes_ = coded_bytes_ = 0;
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
  if (state_ == State::queued || state_ == State::connecting) {
    code = ErrorCode::connect_timeout;
    deadline = after(timings_.started, timeout.connect);
    if (state_ == State::connecting)
      deadline = std::min(deadline, after(now, timeout.sock_connect));
  } else if (state_ != State::ready &&
             (!connection_ || !connection_->awaits_us())) {
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
  if (state_ == State::queued) return timeout.connect;
  if (state_ != State::connecting) return timeout.sock_read;
  if (timeout.connect == 0ns) return timeout.sock_connect;
  if (timeout.sock_connect == 0ns) return timeout.connect;
  return std::min(timeout.connect, timeout.sock_connect);
}

std::string Exchange::waited_for() const {
  const std::string peer = url().authority();
  switch (state_) {
    case State::queued:
      return fmt::format("place for a connection to {}", peer);
    case State::connecting:
      if (const Proxy* proxy = parts_.target->origin->proxy)
        return fmt::format("connection to {} through the proxy {}:{}", peer,
                           proxy->address.host, proxy->address.port);
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
                                            *options_.head_limits, parsed_);
    CHECK(parsed && *parsed == head_.size());
  }
  return parsed_;
}

}  // namespace molotov::http
