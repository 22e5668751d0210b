// HTTP/1.1 message syntax (RFC 9112), both directions. Functions of bytes: no
// I/O, no copy, no allocation once warm. What they return are views into the
// bytes they were given.
//
// A caller gathers bytes until parse_*_head() says how long the head is, then
// hands what follows to a BodyDecoder until it is done; what that has not
// consumed belongs to the next message.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace molotov::http {

struct Field {
  std::string_view name;   // as received
  std::string_view value;  // without surrounding white space
};

// What a head may be at most; more is http_too_large, saying which.
struct HeadLimits {
  size_t line_bytes = 8190;   // a request's start line, an answer's reason
  size_t field_bytes = 8190;  // a field's name and its value together
  size_t head_bytes = 65536;  // the whole block
  size_t fields = 128;
  bool operator==(const HeadLimits&) const = default;
};
inline constexpr HeadLimits kDefaultHeadLimits;

enum class Framing : uint8_t {
  none,            // no body follows (HEAD, 1xx, 204, 304, a plain request)
  content_length,  // content_length bytes
  chunked,
  until_close,  // responses only
};

// The parts of a head that decide what comes next, gathered while parsing.
struct MessageInfo {
  Framing framing = Framing::none;
  uint64_t content_length = 0;  // with Framing::content_length
  bool keep_alive = false;      // the connection may be used again
  uint8_t minor_version = 1;    // HTTP/1.x
  bool has_set_cookie = false;
  bool expects_continue = false;  // requests
  // The field's value, the first where there are several, "" for none.
  std::string_view content_encoding;
  std::string_view location;
};

// Reused from message to message, so that its vector stays allocated.
struct ResponseHead {
  int status = 0;
  std::string_view reason;
  MessageInfo info;
  std::vector<Field> fields;
};

struct RequestHead {
  std::string_view method;
  std::string_view target;
  MessageInfo info;
  std::vector<Field> fields;
};

// How parsing ended: > 0, that many bytes are the head; 0, more are needed.
// Error: http_malformed or http_too_large, the detail says what and at which
// byte.
//
// `method_is_head` and the status decide the framing of RFC 9112 section 6.3.
// Refused, since intermediaries disagree on them: both Content-Length and
// Transfer-Encoding, differing Content-Lengths, obs-fold, space before a colon,
// NUL, bare CR and other controls. A bare LF as line end is accepted. A
// Transfer-Encoding whose last coding is not chunked is read until close in a
// response, refused in a request. Empty lines before a request are skipped and
// count as part of its head. That a request of HTTP/1.1 has a Host is for the
// caller to check.
//
// A head that is not complete is parsed from its beginning each time.
Result<size_t> parse_response_head(std::string_view bytes, bool method_is_head,
                                   const HeadLimits& limits,
                                   ResponseHead& head);
Result<size_t> parse_request_head(std::string_view bytes,
                                  const HeadLimits& limits, RequestHead& head);

// The first field of that name (compared without case), nullptr for none.
const Field* find_field(std::span<const Field> fields, std::string_view name);

// Takes a body out of its framing. Strict about chunks: their lines end in CRLF
// and nothing else. Trailer fields are skipped.
class BodyDecoder {
 public:
  BodyDecoder() = default;
  // What a head says follows it.
  explicit BodyDecoder(const MessageInfo& info);

  struct Step {
    size_t consumed = 0;      // of the given bytes, framing included
    std::string_view body;    // a piece of the body, maybe empty
    bool ends_chunk = false;  // a chunk ends behind it
  };

  // One step: call again with what was not consumed until it is empty or
  // done(). Fails with http_malformed (chunk framing) or http_too_large
  // (chunk line or trailers over the limits).
  Result<Step> decode(std::string_view bytes);

  // All that comes next is body, with no framing in it: decode() gives the
  // front of what it is given.
  bool passes_through() const {
    return state_ == State::length || state_ == State::until_close;
  }

  // How many bytes of it are still to come, where nothing comes between them
  // and that is known.
  std::optional<uint64_t> remaining_bytes() const {
    if (state_ == State::length || done()) return remaining_;
    return {};
  }

  // The whole body has been seen. Always false for until_close.
  bool done() const { return state_ == State::done; }

  // The peer closed: fine for until_close and when done, else http_truncated
  // with how much was promised and received.
  Result<> finish() const;

 private:
  enum class State : uint8_t {
    done,
    length,
    until_close,
    chunk_size,
    chunk_extension,  // or the space before it
    chunk_line_lf,
    chunk_data,
    chunk_data_cr,
    chunk_data_lf,
    trailer,  // at the start of a line
    trailer_line,
    trailer_line_lf,
    trailer_end_lf,
  };
  bool take_framing(char c, const char** what);
  bool take_size_digit(char c, const char** what);
  Error malformed(const char* what, std::string_view at) const;

  State state_ = State::done;
  uint64_t remaining_ = 0;   // of the length, or of this chunk
  uint64_t received_ = 0;    // body bytes so far
  uint32_t line_bytes_ = 0;  // of the chunk line or trailers so far
  uint8_t digits_ = 0;       // of this chunk's size
};

}  // namespace molotov::http
