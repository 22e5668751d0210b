// http and https URLs as a client needs them (RFC 3986, with what WHATWG and
// yarl do to text that is not quite one: unsafe characters are percent-encoded,
// the host is lower-cased and IDNA is not done here).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"

namespace molotov::http {

// Parsed once, immutable by convention.
struct Url {
  std::string scheme;     // "http" or "https", lower case
  std::string user_info;  // "user:password" still encoded, "" for none
  std::string host;       // lower case; IPv6 without brackets, shortest form,
                          // maybe with a zone: "fe80::1%eth0"
  uint16_t port = 0;      // explicit, or the scheme's default
  std::string target;     // origin-form: path and query, begins with '/'
  std::string fragment;   // without '#'; never sent

  bool is_https() const { return scheme == "https"; }
  bool has_default_port() const { return port == (is_https() ? 443 : 80); }
  std::string_view path() const;   // of target, without the query
  std::string_view query() const;  // of target, without '?'
  std::string authority() const;   // for Host: "example.com", "[::1]:8080"
  std::string origin() const;      // "https://example.com:8443"
  std::string to_string() const;   // the whole URL, without user_info
};

// Fails with http_invalid_url and what is wrong where. Text must be absolute.
// White space in front of it and a line end behind it are ignored; controls
// inside are refused. Encoding is brought into one form as yarl does it: %7e
// becomes '~', %2f becomes %2F, a lone '%' %25, a space in the query '+', an
// empty query is dropped, dot segments are removed.
Result<Url> parse_url(std::string_view text);

// `reference` (a Location) seen from `base`: RFC 3986 section 5.2. What the
// reference lacks, it has from `base`: the fragment (RFC 9110 section 10.2.2),
// and the user_info where it names no host.
Result<Url> resolve_url(const Url& base, std::string_view reference);

// Adds "name=value&..." (already encoded) to the query.
void append_query(Url& url, std::string_view encoded);

// application/x-www-form-urlencoded of one component, as yarl's query quoting
// does it (space is '+').
std::string encode_query_component(std::string_view text);

// The same for a form in a request's body, as aiohttp writes it: all but
// letters, digits and "-._~" is encoded.
std::string encode_form_component(std::string_view text);

}  // namespace molotov::http
