// One request and its answer, redirects followed: what a Client hands out and
// its caller watches.
//
// An exchange belongs to a Context's stock and is given back with release();
// its memory serves the next one. Everything happens on the loop's thread.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/buffer.h"
#include "base/error.h"
#include "base/time.h"
#include "http/content_decoder.h"
#include "http/h1_parser.h"
#include "http/redirect.h"
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
  const net::TlsContext* tls = nullptr;
  std::string unix_path;
  bool operator==(const Origin&) const = default;
};

// A URL, ready to be asked for.
struct Target {
  Url url;
  const Origin* origin = nullptr;
  // From the target in the request line to the end of the Host field:
  // "/path HTTP/1.1\r\nHost: example.com\r\n".
  std::string line_and_host;
};

// What to send. All views outlive the exchange.
struct RequestParts {
  std::string_view method = "GET";
  const Target* target = nullptr;
  // Whole field lines with their CRLF; no Host, Content-Length or Cookie.
  std::string_view fields = {};
  // More of them, of this request alone.
  std::string_view own_fields = {};
  // Cookies of this request alone, as "a=b; c=d".
  std::string_view own_cookies = {};
  // With a body, even an empty one, Content-Length is sent.
  std::optional<std::string_view> body = {};
  // The field lines that go with the body.
  std::string_view content_fields = {};
};

// Zero: no bound.
struct TimeoutOptions {
  Duration total = 300s;        // of the whole exchange
  Duration connect = 0s;        // to have a connection, name and TLS included
  Duration sock_connect = 30s;  // the same, for a new connection
  Duration sock_read = 0s;      // between two reads
};

struct ExchangeOptions {
  TimeoutOptions timeout = {};
  bool follow_redirects = true;
  int max_redirects = 10;
  bool decode_content = true;
  bool verify = true;  // of certificates: for the origins of redirects
  // Reading pauses while more than this is undelivered and nobody wants all.
  size_t read_buffer_bytes = 128 * 1024;
  // Before each hop is sent, waits for proceed().
  bool gated = false;
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
  net::Arrival last_byte;
  // When the engine had the last byte in its hands, once it has the answer.
  Instant handled{};
};

// The answer of an earlier hop of a redirected exchange.
struct Hop {
  int status = 0;
  std::string url;
  std::string method;
  std::string head;  // raw: status line and fields
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
  // A gated one has its connection and waits for proceed(). Once a hop: not
  // when it is sent again since a kept connection was dead.
  virtual void on_ready_to_send(Exchange&) {}

 protected:
  ~ExchangeListener() = default;
};

class Exchange {
 public:
  enum class State : uint8_t {
    idle,  // not started
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

  // Of this hop; 0 while its head is not there.
  int status() const { return status_; }
  // Status line and fields as they came, through the empty line.
  std::string_view head() const { return head_; }
  // The fields, parsed on the first call. Views into head().
  // REQUIRES: has_head().
  const ResponseHead& fields();
  const Url& url() const { return parts_.target->url; }
  std::string_view method() const { return parts_.method; }
  const std::vector<Hop>& history() const { return history_; }
  // When the whole of it began; each hop has its own timings().
  Instant started() const { return started_; }
  const Timings& timings() const { return timings_; }
  // On the wire, framing included, of the last hop.
  uint64_t bytes_sent() const { return bytes_sent_; }
  uint64_t bytes_received() const { return bytes_received_; }

  bool has_request_body() const { return parts_.body.has_value(); }
  // Request line and fields as they are sent, through the empty line.
  // REQUIRES: it was started.
  void render_head(std::string& out);
  // Sends what on_ready_to_send() told of. Does nothing where it has ended.
  void proceed();

  // What of the decoded body was not consumed yet.
  std::string_view body() const { return body_.view(); }
  void consume_body(size_t bytes);
  // The whole body is wanted: do not pause for the reader.
  void want_all();

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

  // Called by the Client and by the Connection that serves it.
  void start(Client& client, const RequestParts& parts,
             const ExchangeOptions& options, ExchangeListener* listener);
  void begin_hop();
  void serve_on(std::unique_ptr<Connection> connection);
  void send();
  io::Task<> connect();
  void append_cookies(std::string& out);
  void on_sent(Instant at, size_t bytes, bool whole);
  void on_arrival(const net::Arrival& arrival, size_t bytes);
  void on_head_parsed(std::string_view raw, const ResponseHead& head);
  Result<> on_body_bytes(std::string_view piece);
  bool paused() const;
  void on_paused_or_resumed();
  void on_complete();
  void on_connection_failed(Error error);

  bool may_retry() const;
  void drop_connection();
  void end(State how);
  void fail(Error error);
  void on_deadline();
  void set_deadline();
  Duration time_allowed() const;
  std::string waited_for() const;
  void record(const Error* error);
  void keep_cookies(const ResponseHead& head);
  bool plan_redirect(const ResponseHead& head);
  void follow_redirect();
  std::string fields_for(const NextRequest& next) const;
  void clear();

  Context& context_;
  Client* client_ = nullptr;
  ExchangeListener* listener_ = nullptr;
  std::unique_ptr<Connection> connection_;  // while it serves this exchange
  RequestParts parts_;
  ExchangeOptions options_;
  Deadline deadline_;
  Instant started_{};
  Instant total_deadline_ = Instant::max();
  State state_ = State::idle;
  bool has_head_ = false;
  bool retried_ = false;
  bool wants_all_ = false;
  bool recorded_ = false;
  bool redirecting_ = false;  // this hop's body is only read to its end
  bool fields_parsed_ = false;
  int status_ = 0;
  std::string head_;
  ResponseHead parsed_;
  Buffer body_;
  std::unique_ptr<ContentDecoder> content_decoder_;
  Timings timings_;
  uint64_t bytes_sent_ = 0;
  uint64_t bytes_received_ = 0;
  Error error_;
  io::Task<> connecting_;
  std::vector<Hop> history_;
  // Where a redirect goes, and then what the hop's own request is made of.
  std::optional<NextRequest> next_;
  std::unique_ptr<Target> next_target_;
  std::string next_method_;
  std::string next_fields_;
};

}  // namespace molotov::http
