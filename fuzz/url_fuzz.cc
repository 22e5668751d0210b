// A URL, and on the next line a reference to be resolved from it: what comes
// out is fit for a request line, and stays the same when written and read.
#include "base/check.h"
#include "http/syntax.h"
#include "http/url.h"

namespace molotov::http {
namespace {

void check(const Url& url) {
  CHECK(url.scheme == "http" || url.scheme == "https" || url.scheme == "ws" ||
        url.scheme == "wss");
  CHECK(!url.host.empty());
  CHECK(url.target.starts_with('/') && is_request_target(url.target));
  CHECK(is_field_value(url.authority()) && !url.authority().empty());
  CHECK(is_request_target(url.to_string()));

  const auto again = parse_url(url.to_string());
  CHECK(again);
  CHECK(again->scheme == url.scheme && again->host == url.host);
  CHECK(again->port == url.port && again->target == url.target);
  CHECK(again->fragment == url.fragment);
  CHECK(again->to_string() == url.to_string());
}

void check_failed(const Error& error) {
  CHECK(error.code == ErrorCode::http_invalid_url);
  CHECK(is_field_value(error.detail) && !error.detail.empty());
}

// Taken as encoded, it is fit for a request line too.
void check_as_is(std::string_view text) {
  const auto url = parse_url(text, UrlForm::as_is);
  if (!url) return check_failed(url.error());
  CHECK(url->target.starts_with('/') && is_request_target(url->target));
  CHECK(is_field_value(url->authority()) && !url->authority().empty());
  const auto again = parse_url(url->to_string(), UrlForm::as_is);
  CHECK(again && again->to_string() == url->to_string());
}

void run(std::string_view input) {
  if (input.size() > 4096) return;
  const size_t line = std::min(input.find('\n'), input.size());
  check_as_is(input.substr(0, line));
  const auto base = parse_url(input.substr(0, line));
  if (!base) return check_failed(base.error());
  check(*base);

  const std::string with_user_info =
      base->scheme + "://" + base->user_info + "@" +
      base->to_string().substr(base->scheme.size() + 3);
  const auto same = parse_url(with_user_info);
  CHECK(same && same->user_info == base->user_info);

  if (line == input.size()) return;
  const auto resolved = resolve_url(*base, input.substr(line + 1));
  if (!resolved) return check_failed(resolved.error());
  check(*resolved);
}

}  // namespace
}  // namespace molotov::http

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  molotov::http::run({reinterpret_cast<const char*>(data), size});
  return 0;
}
