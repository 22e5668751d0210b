// A head and the body behind it, whole and in pieces: both must come to the
// same, and what is accepted must be fit to be passed on.
//
// Input: one byte of kind (bits 0 request, 1 answer to HEAD, 2 narrow limits),
// one byte that sets the size of the pieces, then the message.
#include <cstring>
#include <memory>
#include <string>

#include "base/check.h"
#include "http/h1_parser.h"
#include "http/syntax.h"

namespace molotov::http {
namespace {

struct Kind {
  bool request = false;
  bool method_is_head = false;
  HeadLimits limits;
};

struct Head {
  size_t bytes = 0;  // 0: not complete
  ErrorCode error = ErrorCode::none;
  std::string start_line;
  MessageInfo info;
  std::vector<std::pair<std::string, std::string>> fields;

  bool decided() const { return bytes > 0 || error != ErrorCode::none; }
};

void check_fields(const std::vector<Field>& fields, Head& out) {
  for (const Field& field : fields) {
    CHECK(is_token(field.name));
    CHECK(is_field_value(field.value));
    out.fields.emplace_back(field.name, field.value);
  }
}

// From a copy that ends where the memory does, for ASan to watch.
Head parse(std::string_view bytes, const Kind& kind) {
  const auto copy = std::make_unique<char[]>(bytes.size());
  if (!bytes.empty()) std::memcpy(copy.get(), bytes.data(), bytes.size());
  bytes = {copy.get(), bytes.size()};

  Head out;
  Result<size_t> used = 0;
  if (kind.request) {
    RequestHead head;
    used = parse_request_head(bytes, kind.limits, head);
    if (used && *used > 0) {
      CHECK(is_token(head.method) && is_request_target(head.target));
      out.start_line =
          std::string(head.method) + " " + std::string(head.target);
      out.info = head.info;
      check_fields(head.fields, out);
    }
  } else {
    ResponseHead head;
    used = parse_response_head(bytes, kind.method_is_head, kind.limits, head);
    if (used && *used > 0) {
      CHECK(head.status >= 100 && head.status <= 999);
      out.start_line = std::to_string(head.status) + std::string(head.reason);
      out.info = head.info;
      check_fields(head.fields, out);
    }
  }
  if (!used) {
    out.error = used.error().code;
    CHECK(out.error == ErrorCode::http_malformed ||
          out.error == ErrorCode::http_too_large);
    CHECK(!used.error().detail.empty());
  } else {
    CHECK(*used <= bytes.size() && *used <= kind.limits.head_bytes);
    out.bytes = *used;
  }
  // The views die with the copy.
  out.info.content_encoding = out.info.location = {};
  return out;
}

void check_same(const Head& a, const Head& b) {
  CHECK(a.bytes == b.bytes && a.error == b.error);
  CHECK(a.start_line == b.start_line && a.fields == b.fields);
  CHECK(a.info.framing == b.info.framing);
  CHECK(a.info.content_length == b.info.content_length);
  CHECK(a.info.keep_alive == b.info.keep_alive);
}

struct Body {
  std::string bytes;
  size_t consumed = 0;
  bool done = false;
  bool complete = false;
  ErrorCode error = ErrorCode::none;
};

Body decode(const MessageInfo& info, std::string_view bytes, size_t piece) {
  BodyDecoder decoder(info);
  Body body;
  while (body.consumed < bytes.size() && !decoder.done()) {
    const auto step = decoder.decode(bytes.substr(body.consumed, piece));
    if (!step) {
      body.error = step.error().code;
      return body;
    }
    CHECK(step->consumed > 0 && step->body.size() <= step->consumed);
    body.consumed += step->consumed;
    body.bytes += step->body;
  }
  body.done = decoder.done();
  body.complete = decoder.finish().has_value();
  return body;
}

void check_body(const MessageInfo& info, std::string_view bytes, size_t piece) {
  const Body whole = decode(info, bytes, bytes.size());
  const Body pieces = decode(info, bytes, piece);
  CHECK(whole.error == pieces.error);
  if (whole.error != ErrorCode::none) return;
  CHECK(whole.bytes == pieces.bytes && whole.consumed == pieces.consumed);
  CHECK(whole.done == pieces.done && whole.complete == pieces.complete);
}

void run(std::string_view input) {
  if (input.size() < 2 || input.size() > 20000) return;
  const auto flags = static_cast<uint8_t>(input[0]);
  const size_t piece = 1 + static_cast<uint8_t>(input[1]) % 37;
  const std::string_view bytes = input.substr(2);
  Kind kind;
  kind.request = flags & 1;
  kind.method_is_head = flags & 2;
  if (flags & 4) kind.limits = {40, 100, 4};

  const Head whole = parse(bytes, kind);
  Head pieces;
  for (size_t n = 0; !pieces.decided(); n += piece) {
    pieces = parse(bytes.substr(0, n), kind);
    if (n >= bytes.size()) break;
  }
  check_same(whole, pieces);
  if (whole.bytes > 0) check_body(whole.info, bytes.substr(whole.bytes), piece);
}

}  // namespace
}  // namespace molotov::http

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  molotov::http::run({reinterpret_cast<const char*>(data), size});
  return 0;
}
