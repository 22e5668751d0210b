// Two URLs, a line each, then Set-Cookie fields, a line each: set by the first
// URL's host, sent to the second's. What is sent is fit for a field, and each
// cookie is read again as what it was.
#include "base/check.h"
#include "http/cookies.h"
#include "http/syntax.h"
#include "lines.h"

namespace molotov::http {
namespace {

constexpr WallInstant kNow{std::chrono::seconds(1'800'000'000)};

void check_parsed(const SetCookie& cookie) {
  CHECK(!cookie.name.empty());
  CHECK(cookie.path.empty() || cookie.path.starts_with('/'));
  const std::string text =
      std::string(cookie.name) + "=" + std::string(cookie.value);
  CHECK(is_field_value(text));
  const auto again = parse_set_cookie(text, kNow);
  CHECK(again && again->name == cookie.name && again->value == cookie.value);
}

void run(std::string_view input) {
  if (input.size() > 8192) return;
  const auto from = parse_url(take_line(input));
  const auto to = parse_url(take_line(input));
  if (!from || !to) return;

  CookieJar jar(CookieJarOptions{.accept_ip_hosts = from->port % 2 == 1});
  size_t stored = 0;
  while (!input.empty()) {
    const std::string_view field = take_line(input);
    if (const auto cookie = parse_set_cookie(field, kNow)) {
      check_parsed(*cookie);
    }
    stored += jar.store(field, *from, kNow);
    (void)parse_cookie_date(field);
  }
  CHECK(jar.size() <= stored && jar.size() <= CookieJar::kCookiesMax);
  for (const Cookie& cookie : jar.cookies()) {
    CHECK(cookie.expires > kNow && cookie.path.starts_with('/'));
  }
  const std::string header = jar.header_for(*to, kNow);
  CHECK(is_field_value(header));
  if (jar.empty()) CHECK(header.empty());
  CHECK(jar.header_for(*to, kNow) == header);
  jar.header_for(*to, kNeverExpires);
  CHECK(jar.empty());
}

}  // namespace
}  // namespace molotov::http

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  molotov::http::run({reinterpret_cast<const char*>(data), size});
  return 0;
}
