#include "http/redirect.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <utility>

#include "http/syntax.h"

namespace molotov::http {

namespace {

bool is_one_of(std::string_view name, std::span<const std::string_view> names) {
  return std::ranges::any_of(names, [=](std::string_view known) {
    return equals_ignoring_case(name, known);
  });
}

std::string_view location_of(std::span<const Field> fields) {
  for (std::string_view name : {"location", "uri"}) {
    const Field* field = find_field(fields, name);
    if (field && !field->value.empty()) return field->value;
  }
  return {};
}

std::string base64(std::string_view text) {
  std::string coded((text.size() + 2) / 3 * 4 + 1, '\0');
  const int size =
      EVP_EncodeBlock(reinterpret_cast<unsigned char*>(coded.data()),
                      reinterpret_cast<const unsigned char*>(text.data()),
                      static_cast<int>(text.size()));
  coded.resize(static_cast<size_t>(size));
  return coded;
}

// RFC 7617; "" for nobody.
std::string basic_authorization(std::string_view user_info) {
  if (user_info.empty()) return {};
  std::string user = percent_decoded(user_info);
  if (!user_info.contains(':')) user += ':';
  return fmt::format("Authorization: Basic {}\r\n", base64(user));
}

bool becomes_get(int status, std::string_view method) {
  if (status == 303) return method != "HEAD";
  return (status == 301 || status == 302) && method == "POST";
}

}  // namespace

bool is_redirect_status(int status) {
  return (status >= 301 && status <= 303) || status == 307 || status == 308;
}

Result<std::optional<NextRequest>> next_request(int status,
                                                std::string_view method,
                                                const Url& url,
                                                std::span<const Field> fields,
                                                UrlForm form) {
  if (!is_redirect_status(status)) return std::nullopt;
  const std::string_view location = location_of(fields);
  if (location.empty()) return std::nullopt;

  Result<Url> target = resolve_url(url, location, form);
  if (!target) {
    return fail(ErrorCode::http_invalid_redirect,
                fmt::format("{} redirects to {}: {}", url.to_string(),
                            excerpt(location), target.error().detail));
  }
  NextRequest next;
  next.drops_body = becomes_get(status, method);
  next.method = next.drops_body ? "GET" : method;
  next.drops_credentials = target->origin() != url.origin();
  if (target->user_info != url.user_info)
    next.authorization = basic_authorization(target->user_info);
  next.url = std::move(*target);
  return next;
}

bool is_content_field(std::string_view name) {
  static constexpr std::array<std::string_view, 9> kNames = {
      "content-type",     "content-length",    "content-encoding",
      "content-language", "content-location",  "content-md5",
      "digest",           "transfer-encoding", "expect"};
  return is_one_of(name, kNames);
}

bool is_credential_field(std::string_view name) {
  static constexpr std::array<std::string_view, 3> kNames = {
      "authorization", "cookie", "proxy-authorization"};
  return is_one_of(name, kNames);
}

}  // namespace molotov::http
