// One request and its answer, redirects followed: what a Client hands out and
// its caller watches.
//
// An exchange belongs to a Context's stock and is given back with release();
// its memory serves the next one. Everything happens on the loop's thread.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/buffer.h"
#include "base/error.h"
#include "base/time.h"
#include "http/body_source.h"
#include "http/content_decoder.h"
#include "http/h1_parser.h"
#include "http/pool.h"
#include "http/proxy.h"
#include "http/redirect.h"
#include "http/upgraded.h"
#include "http/url.h"
#include "io/task.h"
#include "net/connect.h"
#include "net/stream.h"

namespace molotov::http {

class Client;
class Connection;
class Context;
class Exchange;

// Where connections are made to, and so which may serve a request. Interned in
// a Context: two are the same when their addresses are.
struct Origin {
  std::string host;
  uint16_t port = 0;
  net::TlsPeer tls = {};
  std::string unix_path;
  const Proxy* proxy = nullptr;  // connections go through it
  bool operator==(const Origin&) const = default;
};

// A URL, ready to be asked for.
struct Target {
  Url url;
  const Origin* origin = nullptr;
  // From the target in the request line to the end of the Host field:
  // "/path HTTP/1.1\r\nHost: example.com\r\n". In absolute form, and with the
  // proxy's own fields, where a proxy passes it on.
  std::string line_and_host;
};

// A part of an open file.
struct FileRange {
  int fd = -1;
  uint64_t offset = 0;
  uint64_t size_bytes = 0;
};

// What to send. All views outlive the exchange.
struct RequestParts {
  std::string_view method = "GET";
  const Target* target = nullptr;
  // What the Host field says in place of the target's host.
  std::string_view host = {};
  // Whole field lines with their CRLF; no Host.
  std::string_view fields = {};
  // More of them, of this request alone.
  std::string_view own_fields = {};
  // Likewise, behind the cookies.
  std::string_view last_fields = {};
  // The fields have Content-Length or Transfer-Encoding: none is added.
  bool fields_frame_body = false;
  // Cookies of this request alone, as "a=b; c=d".
  std::string_view own_cookies = {};
  // With a body, even an empty one, Content-Length is sent.
  std::optional<std::string_view> body = {};
  // In its place, a body that is made while it is sent,
  BodySource* body_source = nullptr;
  // or one that lies in a file.
  std::optional<FileRange> body_file = {};
  // The field lines that go with the body.
  std::string_view content_fields = {};
  // Of redirected hops; nullptr: they go the way that the first one went.
  Router* router = nullptr;
  // What observers are to call it by, all hops of it; empty: they see to it.
  std::string_view name = {};
};

// Zero: no bound.
struct TimeoutOptions {
  Duration total = 300s;  // of the whole exchange
  // To have a connection: a place in the pool, name and TLS included.
  Duration connect = 0s;
  Duration sock_connect = 30s;  // the same, for a new connection
  Duration sock_read = 0s;      // between two reads
};

struct ExchangeOptions {
  TimeoutOptions timeout = {};
  bool follow_redirects = true;
  int max_redirects = 10;
  UrlForm location_form = UrlForm::requoted;  // of redirects
  bool decode_content = true;
  // Of the origins of redirects; outlives the exchange.
  const Security* security = &kDefaultSecurity;
  // Reading pauses while more than this is undelivered and nobody wants all.
  size_t read_buffer_bytes = 128 * 1024;
  // Before each hop is sent, waits for proceed().
  bool gated = false;
  // Sends `Expect: 100-continue`, and a body only once the server asks for it,
  // or says nothing for a second (RFC 9110 section 10.1.1).
  bool expect_continue = false;
  // Of HTTP/1.x in the request line. Where it is not 1, the parts have a host.
  uint8_t minor_version = 1;
  // Whether an answer that does not say how long it is has a body.
  bool read_until_close = true;
  // Of answers; they outlive the exchange.
  const HeadLimits* head_limits = &kDefaultHeadLimits;
};

// The clock points of one request on the wire (docs/architecture.md).
struct Timings {
  Instant started{};  // it wanted a connection
  net::ConnectTimings connect;
  bool reused_connection = false;
  // Just before its last byte went to the kernel; before the last that did,
  // where the answer was there first.
  Instant sent{};
  net::Arrival first_byte;
  // That came with the first byte, whose arrival may be that of a later one.
  size_t first_read_bytes = 0;
  net::Arrival last_byte;
  // When the engine had the last byte in its hands, once it has the answer.
  Instant handled{};
};

// The answer of an earlier hop of a redirected exchange.
struct Hop {
  int status = 0;
  std::string url;
  std::string method;
  std::string head;          // raw: status line and fields
  std::string request_head;  // likewise, of what it answered
};

// What a caller is told, maybe from inside its call of start(), consume_body()
// or want_all(). It must not run user code, end the exchange or start another
// there: queue that.
class ExchangeListener {
 public:
  // The final answer's head is there: status(), head().
  virtual void on_head(Exchange& exchange) = 0;
  // More of body(), or its end, or failed() after the head.
  virtual void on_progress(Exchange& exchange) = 0;
  // It failed before the head: error().
  virtual void on_failed(Exchange& exchange) = 0;
  // It waited for a place in the pool, and has one.
  virtual void on_placed(Exchange&) {}
  // A gated one has its connection and waits for proceed(). Once a hop: not
  // when it is sent again since a kept connection was dead.
  virtual void on_ready_to_send(Exchange&) {}

 protected:
  ~ExchangeListener() = default;
};

class Exchange {
 public:
  enum class State : uint8_t {
    idle,    // not started
    queued,  // there is no place in the pool yet
    connecting,
    ready,    // gated: has a connection, waits for proceed()
    sending,  // a part of the request is still to be written
    waiting,  // for the head
    body,     // head is there, body comes
    done,
    failed,
  };

  explicit Exchange(Context& context);
  ~Exchange();

  State state() const { return state_; }
  bool done() const { return state_ == State::done; }
  bool failed() const { return state_ == State::failed; }
  // The final answer's head is there: on_head() was called.
  bool has_head() const { return has_head_; }
  const Error& error() const { return error_; }
  // What came of the proxy, where it failed to connect through one.
  const ProxyAnswer& proxy_answer() const { return proxy_answer_; }

  // Of this hop; 0 while its head is not there.
  int status() const { return status_; }
  // Status line and fields as they came, through the empty line.
  std::string_view head() const { return head_; }
  // The fields, parsed on the first call. Views into head().
  // REQUIRES: has_head().
  const ResponseHead& fields();
  const Url& url() const { return parts_.target->url; }
  const Origin& origin() const { return *parts_.target->origin; }
  std::string_view method() const { return parts_.method; }
  // As the caller named it; empty where it did not.
  std::string_view name() const { return parts_.name; }
  const std::vector<Hop>& history() const { return history_; }
  // When the whole of it began; each hop has its own timings().
  Instant started() const { return started_; }
  // When this hop should have begun: where what asks for it was late, as
  // started() without that; of a redirected hop, when it did.
  Instant intended() const { return intended_; }
  const Timings& timings() const { return timings_; }
  // On the wire, framing included, of the last hop.
  uint64_t bytes_sent() const { return bytes_sent_; }
  uint64_t bytes_received() const { return bytes_received_; }

  bool has_request_body() const {
    return parts_.body || parts_.body_source || parts_.body_file;
  }
  // Request line and fields as they are sent, through the empty line.
  // Once the answer's head is there, as they were sent.
  // REQUIRES: it was started.
  void render_head(std::string& out);
  // Sends what on_ready_to_send() told of. Does nothing where it has ended.
  void proceed();

  // The body's source, which had no more for now, has.
  void continue_body();

  // What of the decoded body was not consumed yet.
  std::string_view body() const { return body_.view(); }
  void consume_body(size_t bytes);
  // Of a listener that has been told of progress: someone comes to take what is
  // there. Only then, or two turns later, is more read, so that pieces stay as
  // small as what one read brings.
  void let_reader_come() { reader_comes_ = !wants_all_; }
  // Reads what may have come behind body(), which is empty, straight into
  // `room`, where it would be a copy of it: neither coded nor in chunks.
  // Returns how many bytes it put there, 0 for none. May end the exchange.
  size_t read_body_into(std::span<char> room);
  // Whether read_body_into() may put anything there.
  bool may_read_body_into() const;
  // Where chunks of HTTP's end, in decoded bytes from the body's beginning,
  // as far as it has come; those that have no bytes of it are left out. None
  // are noted once the whole body is wanted.
  std::vector<uint64_t>& chunk_ends() { return chunk_ends_; }
  // Bytes of the decoded body.
  uint64_t consumed_bytes() const { return consumed_bytes_; }
  // Of the body, bytes that were decoded since; nothing where none are.
  std::optional<uint64_t> coded_bytes() const {
    return content_decoder_ ? std::optional(coded_bytes_) : std::nullopt;
  }
  // The whole body is wanted: do not pause for the reader.
  void want_all();
  // Does not pause before that much waits.
  void raise_read_buffer(size_t bytes);

  // Whether take_upgraded() has something: it was answered with 101, and is
  // done. Until that is taken, or the exchange is cancelled or released, the
  // connection stays open, and nothing is read from it.
  bool is_upgraded() const { return done() && connection_ != nullptr; }
  // The connection, for another protocol. REQUIRES: is_upgraded().
  Upgraded take_upgraded();

  // Ends it now, if it has not ended: the connection is closed. Counted as
  // cancelled while it had no answer's head, as answered afterwards.
  void cancel();
  // Gives it back. Cancels it first where it is under way.
  void release();

 private:
  friend class Client;
  friend class Connection;
  friend class Context;

  class Deadline final : public io::Timer {
   public:
    explicit Deadline(Exchange& exchange) : exchange_(exchange) {}
    // Left armed when an exchange ends early, since most do and the next one's
    // deadline is later: moving it is work that is hardly ever needed.
    void set(Instant deadline, ErrorCode code);
    void clear() { wanted_ = Instant::max(); }
    ErrorCode code() const { return code_; }

   private:
    void on_timer() override;
    Exchange& exchange_;
    Instant wanted_ = Instant::max();
    ErrorCode code_ = ErrorCode::none;
  };

  // Ends the waiting for the server's 100.
  class Patience final : public io::Timer {
   public:
    explicit Patience(Exchange& exchange) : exchange_(exchange) {}

   private:
    void on_timer() override;
    Exchange& exchange_;
  };

  // Waits for a place in the pool.
  class PlaceWaiter final : public Pool::Waiter {
   public:
    explicit PlaceWaiter(Exchange& exchange) : exchange_(exchange) {}

   private:
    void on_admitted(Pool::Admission admission) override;
    Exchange& exchange_;
  };

  // Called by the Client and by the Connection that serves it.
  void start(Client& client, const RequestParts& parts,
             const ExchangeOptions& options, ExchangeListener* listener,
             Duration late);
  void begin_hop();
  void begin_connecting();
  void on_admitted(Pool::Admission admission);
  void serve_kept(std::unique_ptr<Connection> connection);
  void serve_on(std::unique_ptr<Connection> connection);
  void send();
  io::Task<> connect();
  void append_cookies(std::string& out);
  std::string line_and_own_host() const;
  std::string host() const;
  Result<Way> way_to(const Url& url) const;
  void append_body_fields(std::string& out) const;
  std::optional<uint64_t> body_size() const;
  bool expects_continue() const;
  void on_sent(Instant at, size_t bytes, bool whole);
  void on_arrival(const net::Arrival& arrival, size_t bytes);
  // What came was sent before the request, of which nothing is heard then.
  void on_answer_of_idle_time() { bytes_received_ = 0; }
  void on_head_parsed(std::string_view raw, const ResponseHead& head);
  Result<> on_body_bytes(std::string_view piece);
  void on_body_taken(size_t bytes) { consumed_bytes_ += bytes; }
  void on_chunk_end();
  bool paused() const;
  void on_waiting_changed();
  void on_complete();
  void on_connection_failed(Error error);

  bool may_retry() const;
  bool rewind_body();
  void drop_connection();
  void end(State how);
  void fail(Error error);
  void on_deadline();
  void set_deadline();
  Duration time_allowed() const;
  std::string waited_for() const;
  void record(const Error* error);
  bool plan_redirect(const ResponseHead& head);
  void leave_redirect();
  void follow_redirect();
  std::string fields_for(const NextRequest& next) const;
  void clear();

  Context& context_;
  Client* client_ = nullptr;
  ExchangeListener* listener_ = nullptr;
  std::unique_ptr<Connection> connection_;  // while it serves this exchange
  Pool::Place place_;  // while it has a connection, or makes one
  RequestParts parts_;
  ExchangeOptions options_;
  Deadline deadline_;
  Patience patience_;
  PlaceWaiter place_waiter_;
  Instant started_{};
  Instant intended_{};
  Instant total_deadline_ = Instant::max();
  State state_ = State::idle;
  bool has_head_ = false;
  bool retried_ = false;
  bool wants_all_ = false;
  bool reader_comes_ = false;
  bool recorded_ = false;
  bool redirecting_ = false;  // this hop's body is only read to its end
  bool fields_parsed_ = false;
  int status_ = 0;
  std::string head_;
  ResponseHead parsed_;
  Buffer body_;
  uint64_t consumed_bytes_ = 0;
  uint64_t coded_bytes_ = 0;  // where there is a decoder
  std::vector<uint64_t> chunk_ends_;
  std::unique_ptr<ContentDecoder> content_decoder_;
  Timings timings_;
  uint64_t bytes_sent_ = 0;
  uint64_t bytes_received_ = 0;
  Error error_;
  ProxyAnswer proxy_answer_;
  io::Task<> connecting_;
  std::string sent_cookies_;  // of this hop, once its head is there
  std::vector<Hop> history_;
  // Where a redirect goes, and then what the hop's own request is made of.
  std::optional<NextRequest> next_;
  std::unique_ptr<Target> next_target_;
  std::string next_method_;
  std::string next_fields_;
  std::string next_host_;
};

}  // namespace molotov::http
