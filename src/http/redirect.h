// Whether an answer sends the client elsewhere and with what request, as
// aiohttp decides it. Policy only: it sends nothing.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/error.h"
#include "http/h1_parser.h"
#include "http/url.h"

namespace molotov::http {

// As aiohttp counts: the answer to this request, redirecting too, is an error.
inline constexpr int kRedirectsMax = 10;

// 301, 302, 303, 307 and 308.
bool is_redirect_status(int status);

// The request that follows a redirecting answer, as changes to the one before.
struct NextRequest {
  std::string method;
  Url url;
  // The body is not sent again, nor are the fields that speak of it.
  bool drops_body = false;
  // Another origin: what was given for the first one stays away from it.
  bool drops_credentials = false;
  // The field line of the user in the location, who replaces any other; "" for
  // none.
  std::string authorization;
};

// Nothing where the answer is the last: no redirecting status, or neither
// Location nor URI. Fails with http_invalid_redirect where the location is not
// an http or https URL. `form` is what the location is brought into.
//
// The method becomes GET after 303 (but HEAD stays) and for a POST after 301
// and 302. A change of scheme, host or port is another origin, http to https
// of the same host included.
Result<std::optional<NextRequest>> next_request(int status,
                                                std::string_view method,
                                                const Url& url,
                                                std::span<const Field> fields,
                                                UrlForm form = {});

// Whether a request field goes with a dropped body: Content-Type and its like,
// Transfer-Encoding, Expect.
bool is_content_field(std::string_view name);

// Whether a request field goes with dropped credentials: Authorization, Cookie,
// Proxy-Authorization.
bool is_credential_field(std::string_view name);

}  // namespace molotov::http
