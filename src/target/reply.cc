#include "target/reply.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/check.h"
#include "target/json.h"
#include "target/websocket.h"

namespace molotov::target {

namespace {

// A body up to this size goes out together with the head: copying it is cheaper
// than another send.
constexpr size_t kJoinBytes = 16384;

// RFC 9110 section 15. Only people read it.
std::string_view reason(int status) {
  switch (status) {
    case 101:
      return "Switching Protocols";
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 202:
      return "Accepted";
    case 204:
      return "No Content";
    case 206:
      return "Partial Content";
    case 301:
      return "Moved Permanently";
    case 302:
      return "Found";
    case 303:
      return "See Other";
    case 304:
      return "Not Modified";
    case 307:
      return "Temporary Redirect";
    case 308:
      return "Permanent Redirect";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 413:
      return "Content Too Large";
    case 426:
      return "Upgrade Required";
    case 418:
      return "I'm a teapot";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 501:
      return "Not Implemented";
    case 502:
      return "Bad Gateway";
    case 503:
      return "Service Unavailable";
    case 504:
      return "Gateway Timeout";
    default:
      return "Status";
  }
}

bool may_have_body(int status) {
  return status >= 200 && status != 204 && status != 304;
}

}  // namespace

Reply::Reply() = default;
Reply::~Reply() = default;
Reply::Reply(Reply&&) noexcept = default;
Reply& Reply::operator=(Reply&&) noexcept = default;

Reply error_reply(int status, std::string_view problem, Ending ending) {
  Reply reply;
  reply.status = status;
  reply.body = fmt::format("{{\"error\": {}}}", to_json(problem));
  reply.ending = ending;
  return reply;
}

std::string make_head(const Reply& reply, const Client& client,
                      std::string_view date) {
  std::string head;
  auto out = std::back_inserter(head);
  fmt::format_to(out, "HTTP/1.1 {} {}\r\nServer: molotarget\r\nDate: {}\r\n",
                 reply.status, reason(reply.status), date);
  if (may_have_body(reply.status)) {
    if (!reply.content_type.empty())
      fmt::format_to(out, "Content-Type: {}\r\n", reply.content_type);
    if (reply.chunked)
      head += "Transfer-Encoding: chunked\r\n";
    else
      fmt::format_to(out, "Content-Length: {}\r\n",
                     reply.body.size() + reply.repeat.bytes +
                         reply.tail.size() + reply.missing_bytes);
  }
  if (reply.ending == Ending::close)
    head += "Connection: close\r\n";
  else if (client.minor_version == 0)
    head += "Connection: keep-alive\r\n";
  head += reply.fields;
  head += "\r\n";
  return head;
}

void Outgoing::start(std::string head, Reply& reply, bool with_body) {
  *this = Outgoing();
  head_ = std::move(head);
  if (with_body && may_have_body(reply.status)) {
    if (reply.body.size() <= kJoinBytes)
      head_ += reply.body;
    else
      body_ = std::move(reply.body);
    repeat_ = reply.repeat;
    tail_ = reply.tail;
    if (repeat_.bytes == 0) head_ += std::exchange(tail_, {});
  }
  part_ = Part::head;
  piece_ = head_;
  if (piece_.empty()) next_piece();
}

void Outgoing::start(std::string_view bytes) {
  *this = Outgoing();
  head_ = bytes;
  part_ = Part::head;
  piece_ = head_;
}

std::string_view Outgoing::repeat_piece() const {
  const uint64_t most = std::min<uint64_t>(repeat_.bytes, repeat_.step_bytes);
  return repeat_.block.substr(block_offset_, static_cast<size_t>(most));
}

bool Outgoing::sent(size_t bytes) {
  CHECK(bytes <= piece_.size());
  piece_.remove_prefix(bytes);
  if (part_ == Part::repeat) {
    repeat_.bytes -= bytes;
    block_offset_ = (block_offset_ + bytes) % repeat_.block.size();
  }
  if (!piece_.empty()) return false;
  const bool after_step = part_ == Part::repeat;
  next_piece();
  return after_step && part_ == Part::repeat && repeat_.interval > 0ns;
}

void Outgoing::next_piece() {
  while (piece_.empty() && part_ != Part::done) {
    if (part_ == Part::repeat && repeat_.bytes > 0) {
      piece_ = repeat_piece();
      return;
    }
    part_ = static_cast<Part>(static_cast<int>(part_) + 1);
    if (part_ == Part::body) piece_ = body_;
    if (part_ == Part::tail) piece_ = tail_;
  }
}

}  // namespace molotov::target
