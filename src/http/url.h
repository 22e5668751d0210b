// URLs of http and https, and of WebSockets, as a client needs them (RFC 3986,
// with what WHATWG and yarl do to text that is not quite one: unsafe characters
// are percent-encoded, the host is lower-cased and brought into ASCII).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"

namespace molotov::http {

// Parsed once, immutable by convention.
struct Url {
  std::string scheme;     // "http", "https", "ws" or "wss", lower case
  std::string user_info;  // "user:password" still encoded, "" for none
  std::string host;       // lower case; IPv6 without brackets, shortest form,
                          // maybe with a zone: "fe80::1%eth0"
  uint16_t port = 0;      // explicit, or the scheme's default
  std::string target;     // origin-form: path and query, begins with '/'
  std::string fragment;   // without '#'; never sent
  bool has_path = true;   // false: the '/' of target was not there

  // By TLS, wss too.
  bool is_https() const { return scheme == "https" || scheme == "wss"; }
  bool has_default_port() const { return port == (is_https() ? 443 : 80); }
  std::string_view path() const;   // of target, without the query
  std::string_view query() const;  // of target, without '?'
  std::string authority() const;   // for Host: "example.com", "[::1]:8080"
  std::string origin() const;      // "https://example.com:8443"
  // The whole URL, without user_info; "http://host" where there was no path.
  std::string to_string() const;
};

enum class UrlForm : uint8_t {
  // Encoding is brought into one form as yarl does it: %7e becomes '~', %2f
  // becomes %2F, a lone '%' %25, a space in the query '+', dot segments are
  // removed.
  requoted,
  // Taken as encoded: only what no request line holds is percent-encoded.
  as_is,
};

// Fails with http_invalid_url and what is wrong where. Text must be absolute.
// White space in front of it and a line end behind it are ignored; controls
// inside are refused. An empty query is dropped.
Result<Url> parse_url(std::string_view text, UrlForm form = UrlForm::requoted);

// `reference` (a Location) seen from `base`: RFC 3986 section 5.2. It has the
// user_info of `base` where it names no host, and no fragment but its own: as
// yarl has it. Of a reference without a host dot segments are removed in either
// form. A scheme of its own is http or https: no answer redirects to ws.
Result<Url> resolve_url(const Url& base, std::string_view reference,
                        UrlForm form = UrlForm::requoted);

// With each %XX that is one decoded.
std::string percent_decoded(std::string_view text);

// Adds "name=value&..." (already encoded) to the query.
void append_query(Url& url, std::string_view encoded);

// application/x-www-form-urlencoded of one component, as yarl's query quoting
// does it (space is '+').
std::string encode_query_component(std::string_view text);

// The same for a form in a request's body, as aiohttp writes it: all but
// letters, digits and "-._~" is encoded.
std::string encode_form_component(std::string_view text);

}  // namespace molotov::http
