#include "python/plain_decode.h"

#include <algorithm>
#include <optional>

#include "http/syntax.h"
#include "python/json_decode.h"

namespace molotov::python {

namespace {

// The value of the only Content-Type field; empty where there is none, nothing
// where there are several.
std::optional<std::string_view> content_type(http::Exchange& exchange) {
  std::optional<std::string_view> found;
  for (const http::Field& field : exchange.fields().fields) {
    if (!http::equals_ignoring_case(field.name, "Content-Type")) continue;
    if (found) return std::nullopt;
    found = field.value;
  }
  return found.value_or(std::string_view());
}

// Whether that is all its parameters say; none do where nobody has to be asked.
bool says_utf8(std::string_view parameters, bool asks_charset) {
  if (parameters.empty()) return !asks_charset;
  return http::equals_ignoring_case(parameters, "; charset=utf-8") ||
         http::equals_ignoring_case(parameters, ";charset=utf-8");
}

}  // namespace

Ref decode_plain_text(http::Exchange& exchange, const Ref& body,
                      bool asks_charset) {
  const auto type = content_type(exchange);
  if (!type) return {};
  const size_t end = std::min(type->find(';'), type->size());
  if (!says_utf8(type->substr(end), asks_charset)) return {};
  const std::string_view text = view_of(body.get());
  Ref decoded = Ref::steal(PyUnicode_DecodeUTF8(
      text.data(), static_cast<Py_ssize_t>(text.size()), "strict"));
  if (!decoded) PyErr_Clear();
  return decoded;
}

Ref decode_plain_json(http::Exchange& exchange, const Ref& body,
                      bool asks_charset) {
  constexpr std::string_view kJson = "application/json";
  const auto type = content_type(exchange);
  if (!type ||
      !http::equals_ignoring_case(type->substr(0, kJson.size()), kJson))
    return {};
  if (!says_utf8(type->substr(kJson.size()), asks_charset)) return {};
  return decode_json(view_of(body.get()));
}

}  // namespace molotov::python
