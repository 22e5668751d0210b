// A URL, a status with a method, and the fields of a redirecting answer, a line
// each: where it sends the client to, and what it may take along.
#include <algorithm>
#include <charconv>
#include <vector>

#include "base/check.h"
#include "http/redirect.h"
#include "http/syntax.h"
#include "lines.h"

namespace molotov::http {
namespace {

std::vector<Field> take_fields(std::string_view input) {
  std::vector<Field> fields;
  while (!input.empty()) {
    const std::string_view line = take_line(input);
    const size_t colon = std::min(line.find(':'), line.size());
    const std::string_view name = line.substr(0, colon);
    const std::string_view value =
        trim(line.substr(std::min(colon + 1, line.size())));
    // As the parser of heads leaves them.
    if (is_token(name) && is_field_value(value))
      fields.push_back({name, value});
  }
  return fields;
}

bool names_user(const std::vector<Field>& fields) {
  return std::ranges::any_of(fields, [](const Field& field) {
    return field.value.find('@') != std::string_view::npos;
  });
}

void check(const NextRequest& next, std::string_view method, const Url& from) {
  // A WebSocket's goes on as it was, where the answer names no scheme.
  CHECK(next.url.scheme == "http" || next.url.scheme == "https" ||
        next.url.scheme == from.scheme);
  CHECK(is_request_target(next.url.target));
  CHECK(is_field_value(next.url.authority()));
  CHECK(next.method == (next.drops_body ? "GET" : method));
  const bool other = next.url.scheme != from.scheme ||
                     next.url.host != from.host || next.url.port != from.port;
  CHECK(next.drops_credentials == other);
}

void run(std::string_view input) {
  if (input.size() > 4096) return;
  const auto from = parse_url(take_line(input));
  if (!from) return;
  std::string_view line = take_line(input);
  int status = 0;
  const auto read =
      std::from_chars(line.data(), line.data() + line.size(), status);
  line.remove_prefix(static_cast<size_t>(read.ptr - line.data()));
  const std::string_view method = trim(line);
  if (!is_token(method)) return;

  const std::vector<Field> fields = take_fields(input);
  const auto next = next_request(status, method, *from, fields);
  if (!next) {
    CHECK(next.error().code == ErrorCode::http_invalid_redirect);
    CHECK(is_field_value(next.error().detail));
    return;
  }
  if (!*next) return;
  CHECK(is_redirect_status(status));
  check(**next, method, *from);
  // A URL's user stays with the origin that it was given for.
  if ((*next)->drops_credentials && !names_user(fields))
    CHECK((*next)->url.user_info.empty());
}

}  // namespace
}  // namespace molotov::http

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  molotov::http::run({reinterpret_cast<const char*>(data), size});
  return 0;
}
