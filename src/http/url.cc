#include "http/url.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "http/idna.h"
#include "http/syntax.h"

namespace molotov::http {

namespace {

// How one component is brought into its encoded form: which characters stand
// as they are, and which of those also leave their %XX for themselves. What
// would change its meaning by that (a '/' in a path, a '&' in a query) does
// not.
enum Component : uint8_t { kPath, kQuery, kFragment, kUserInfo };
struct Quoting {
  std::string_view kept;           // besides letters, digits and "-._~"
  std::string_view never_decoded;  // of those
  bool space_is_plus;
};
constexpr std::array<Quoting, 4> kQuotings = {{
    {"!$&'()*+,;=:@/", "+/", false},
    {"!$&'()*+,;=:@/?", "&+;=", true},
    {"!$&'()*+,;=:@/?", "", false},
    {"!$&'()*+,;=", "", false},
}};

constexpr bool is_unreserved(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
         (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' || c == '~';
}

// For each character one bit a component: kept, and, in the upper half,
// decoded.
constexpr std::array<uint8_t, 256> make_url_chars() {
  std::array<uint8_t, 256> table{};
  for (size_t c = 0; c < 0x80; ++c) {
    const char text = static_cast<char>(c);
    for (size_t component = 0; component < kQuotings.size(); ++component) {
      const Quoting& quoting = kQuotings[component];
      if (!is_unreserved(text) && !quoting.kept.contains(text)) continue;
      const bool decoded = !quoting.never_decoded.contains(text);
      table[c] |= uint8_t((decoded ? 0x11 : 0x01) << component);
    }
  }
  return table;
}
constexpr std::array<uint8_t, 256> kUrlChars = make_url_chars();

bool is_kept(Component component, char c) {
  return kUrlChars[static_cast<uint8_t>(c)] & (0x01 << component);
}

bool is_decoded(Component component, char c) {
  return kUrlChars[static_cast<uint8_t>(c)] & (0x10 << component);
}

void append_encoded(std::string& out, char c) {
  constexpr char kDigits[] = "0123456789ABCDEF";
  const auto byte = static_cast<uint8_t>(c);
  out += {'%', kDigits[byte >> 4], kDigits[byte & 15]};
}

std::optional<char> decoded_at(std::string_view text, size_t at) {
  if (text[at] != '%' || at + 2 >= text.size() ||
      !is_char(text[at + 1], kHexChar) || !is_char(text[at + 2], kHexChar)) {
    return std::nullopt;
  }
  return static_cast<char>(hex_value(text[at + 1]) * 16 +
                           hex_value(text[at + 2]));
}

// Encodes what must be, decodes what need not be, keeps the rest.
std::string requote(Component component, std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    if (const std::optional<char> decoded = decoded_at(text, i)) {
      if (is_decoded(component, *decoded)) {
        out += *decoded;
      } else {
        append_encoded(out, *decoded);
      }
      i += 2;
    } else if (is_kept(component, text[i])) {
      out += text[i];
    } else if (text[i] == ' ' && kQuotings[component].space_is_plus) {
      out += '+';
    } else {
      append_encoded(out, text[i]);
    }
  }
  return out;
}

// As UrlForm::as_is has it.
std::string encode_unsendable(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (char c : text) {
    if (is_char(c, kTargetChar)) {
      out += c;
    } else {
      append_encoded(out, c);
    }
  }
  return out;
}

std::string encode_component(std::string_view text, std::string_view kept) {
  std::string out;
  out.reserve(text.size());
  for (char c : text) {
    if (is_unreserved(c) || kept.contains(c)) {
      out += c;
    } else if (c == ' ') {
      out += '+';
    } else {
      append_encoded(out, c);
    }
  }
  return out;
}

// RFC 3986 section 5.2.4, of a path that begins with '/'.
std::string remove_dot_segments(std::string_view path) {
  std::string out;
  out.reserve(path.size());
  while (!path.empty()) {
    const size_t end = std::min(path.find('/', 1), path.size());
    const std::string_view segment = path.substr(1, end - 1);
    const bool last = end == path.size();
    path.remove_prefix(end);
    if (segment == "." || segment == "..") {
      if (segment == "..") out.resize(out.empty() ? 0 : out.rfind('/'));
      if (last) out += '/';
    } else {
      out += '/';
      out += segment;
    }
  }
  return out;
}

// Where a text is cut: views into it.
struct Parts {
  std::string_view scheme;
  std::optional<std::string_view> authority;
  std::string_view path;
  std::optional<std::string_view> query;
  std::optional<std::string_view> fragment;
};

bool is_scheme(std::string_view text) {
  if (text.empty()) return false;
  const char first = to_lower(text.front());
  return first >= 'a' && first <= 'z' && std::ranges::all_of(text, [](char c) {
           return (is_unreserved(c) && c != '_' && c != '~') || c == '+';
         });
}

Parts split(std::string_view text) {
  Parts parts;
  if (const size_t hash = text.find('#'); hash != text.npos) {
    parts.fragment = text.substr(hash + 1);
    text = text.substr(0, hash);
  }
  if (const size_t mark = text.find('?'); mark != text.npos) {
    parts.query = text.substr(mark + 1);
    text = text.substr(0, mark);
  }
  const size_t colon = text.find(':');
  if (colon != text.npos && is_scheme(text.substr(0, colon))) {
    parts.scheme = text.substr(0, colon);
    text = text.substr(colon + 1);
  }
  if (text.starts_with("//")) {
    const size_t slash = std::min(text.find('/', 2), text.size());
    parts.authority = text.substr(2, slash - 2);
    text = text.substr(slash);
  }
  parts.path = text;
  return parts;
}

bool is_control(char c) {
  return static_cast<uint8_t>(c) < 0x20 || c == 0x7f;
}

bool is_known_scheme(std::string_view scheme) {
  return scheme == "http" || scheme == "https" || scheme == "ws" ||
         scheme == "wss";
}

// Parses one text; knows it as a whole to say where something is wrong.
class UrlParser {
 public:
  UrlParser(std::string_view text, UrlForm form) : text_(text), form_(form) {}

  // Cut, without the white space that reading lines leaves around it.
  Result<Parts> parts() const;
  Result<> scheme(std::string_view scheme, Url& url) const;
  Result<> authority(std::string_view authority, Url& url) const;
  std::string encoded(Component component, std::string_view text) const {
    return form_ == UrlForm::requoted ? requote(component, text)
                                      : encode_unsendable(text);
  }
  // Of a path with its host, whose dot segments may be meant.
  std::string absolute_path(std::string_view text) const {
    std::string path = encoded(kPath, text);
    if (path.empty()) return "/";
    return form_ == UrlForm::requoted ? remove_dot_segments(path) : path;
  }
  // What stands in a request line, of a path that is encoded and absolute.
  std::string target(std::string path, std::string_view query) const;

  std::unexpected<Error> invalid(std::string_view what,
                                 std::string_view at) const {
    return fail(ErrorCode::http_invalid_url,
                fmt::format("{} at byte {} of {}", what,
                            at.data() - text_.data(), excerpt(text_)));
  }

 private:
  Result<> host(std::string_view host, Url& url) const;
  Result<> ipv6(std::string_view address, Url& url) const;
  Result<> port(std::string_view digits, Url& url) const;

  std::string_view text_;
  UrlForm form_;
};

Result<Parts> UrlParser::parts() const {
  std::string_view text = text_;
  while (!text.empty() && (is_control(text.front()) || text.front() == ' ')) {
    text.remove_prefix(1);
  }
  while (!text.empty() &&
         (text.back() == '\n' || text.back() == '\r' || text.back() == '\t')) {
    text.remove_suffix(1);
  }
  const auto control = std::ranges::find_if(text, is_control);
  if (control != text.end()) {
    return invalid("control character",
                   text.substr(size_t(control - text.begin())));
  }
  return split(text);
}

Result<> UrlParser::scheme(std::string_view scheme, Url& url) const {
  if (scheme.empty()) {
    return fail(
        ErrorCode::http_invalid_url,
        fmt::format("no http:// or https:// in front of {}", excerpt(text_)));
  }
  url.scheme.resize(scheme.size());
  std::ranges::transform(scheme, url.scheme.begin(), to_lower);
  if (!is_known_scheme(url.scheme)) {
    return invalid("scheme other than http and https", scheme);
  }
  url.port = url.is_https() ? 443 : 80;
  return {};
}

Result<> UrlParser::authority(std::string_view authority, Url& url) const {
  if (const size_t at = authority.rfind('@'); at != authority.npos) {
    const std::string_view user_info = authority.substr(0, at);
    const size_t colon = user_info.find(':');
    url.user_info = encoded(kUserInfo, user_info.substr(0, colon));
    if (colon != user_info.npos) {
      url.user_info += ':';
      url.user_info += encoded(kUserInfo, user_info.substr(colon + 1));
    }
    authority.remove_prefix(at + 1);
  }
  const bool bracketed = authority.starts_with('[');
  const size_t bracket = bracketed ? authority.find(']') : 0;
  if (bracket == authority.npos) return invalid("[ without ]", authority);
  const size_t colon = std::min(authority.find(':', bracket), authority.size());
  if (bracketed && colon != bracket + 1) {
    return invalid("unexpected text after ]", authority.substr(bracket + 1));
  }
  Result<> done = bracketed ? ipv6(authority.substr(1, bracket - 1), url)
                            : host(authority.substr(0, colon), url);
  if (!done || colon == authority.size()) return done;
  return port(authority.substr(colon + 1), url);
}

Result<> UrlParser::host(std::string_view host, Url& url) const {
  if (host.empty() || host == ".") return invalid("no host", host);
  std::string ascii;
  const bool international =
      std::ranges::any_of(host, [](char c) { return (c & 0x80) != 0; });
  if (international) {
    auto converted = ascii_host(host);
    if (!converted) return invalid(converted.error().detail, host);
    ascii = std::move(*converted);
  } else {
    ascii.resize(host.size());
    std::ranges::transform(host, ascii.begin(), to_lower);
  }
  for (size_t i = 0; i < ascii.size(); ++i) {
    if (!is_kept(kUserInfo, ascii[i])) {
      return invalid("character that no host has",
                     international ? host : host.substr(i));
    }
  }
  url.host = std::move(ascii);
  return {};
}

// In the shortest form, so that one address has one connection pool. A zone
// ("fe80::1%25eth0", or with a bare '%') is kept behind '%'.
Result<> UrlParser::ipv6(std::string_view address, Url& url) const {
  const size_t percent = std::min(address.find('%'), address.size());
  std::string_view zone = address.substr(percent);
  if (!zone.empty()) {
    zone.remove_prefix(zone.starts_with("%25") ? 3 : 1);
    if (zone.empty() || !std::ranges::all_of(zone, is_unreserved)) {
      return invalid("bad IPv6 zone", address.substr(percent));
    }
  }
  in6_addr bytes;
  char shortest[INET6_ADDRSTRLEN];
  const std::string text(address.substr(0, percent));
  if (inet_pton(AF_INET6, text.c_str(), &bytes) != 1 ||
      !inet_ntop(AF_INET6, &bytes, shortest, sizeof shortest)) {
    return invalid("bad IPv6 address", address);
  }
  url.host = shortest;
  if (!zone.empty()) url.host.append("%").append(zone);
  return {};
}

Result<> UrlParser::port(std::string_view digits, Url& url) const {
  if (digits.empty()) return {};  // as if there were no colon
  unsigned port = 0;
  for (size_t i = 0; i < digits.size(); ++i) {
    if (!is_char(digits[i], kDigitChar)) {
      return invalid("port that is not a number", digits);
    }
    port = port * 10 + unsigned(digits[i] - '0');
    if (port > 65535) return invalid("port over 65535", digits);
  }
  url.port = static_cast<uint16_t>(port);
  return {};
}

std::string UrlParser::target(std::string path, std::string_view query) const {
  if (!query.empty()) {
    path += '?';
    path += encoded(kQuery, query);
  }
  return path;
}

Result<Url> parse_absolute(const UrlParser& parser, const Parts& parts) {
  Url url;
  if (auto done = parser.scheme(parts.scheme, url); !done) {
    return std::unexpected(std::move(done.error()));
  }
  if (!parts.authority) return parser.invalid("no host", parts.path);
  if (auto done = parser.authority(*parts.authority, url); !done) {
    return std::unexpected(std::move(done.error()));
  }
  url.has_path = !parts.path.empty();
  url.target =
      parser.target(parser.absolute_path(parts.path), parts.query.value_or(""));
  url.fragment = parser.encoded(kFragment, parts.fragment.value_or(""));
  return url;
}

// Without a zone, which means something on this machine only (RFC 6874).
std::string_view without_zone(std::string_view host) {
  return host.substr(0, host.find('%'));
}

std::string with_port(const Url& url, std::string_view host) {
  const bool ipv6 = host.contains(':');
  std::string out =
      fmt::format("{}{}{}", ipv6 ? "[" : "", host, ipv6 ? "]" : "");
  if (!url.has_default_port()) out += fmt::format(":{}", url.port);
  return out;
}

}  // namespace

std::string_view Url::path() const {
  return std::string_view(target).substr(0, target.find('?'));
}

std::string_view Url::query() const {
  const size_t mark = target.find('?');
  if (mark == target.npos) return {};
  return std::string_view(target).substr(mark + 1);
}

std::string Url::authority() const {
  std::string_view name = without_zone(host);
  if (name.ends_with('.')) name.remove_suffix(1);
  return with_port(*this, name);
}

std::string Url::origin() const {
  const std::string_view name = without_zone(host);
  if (name.size() == host.size()) {
    return fmt::format("{}://{}", scheme, with_port(*this, name));
  }
  const std::string_view zone = std::string_view(host).substr(name.size() + 1);
  return fmt::format("{}://{}", scheme,
                     with_port(*this, fmt::format("{}%25{}", name, zone)));
}

std::string Url::to_string() const {
  std::string out = origin();
  if (has_path || target != "/") out += target;
  if (!fragment.empty()) out.append("#").append(fragment);
  return out;
}

Result<Url> parse_url(std::string_view text, UrlForm form) {
  const UrlParser parser(text, form);
  Result<Parts> parts = parser.parts();
  if (!parts) return std::unexpected(std::move(parts.error()));
  return parse_absolute(parser, *parts);
}

Result<Url> resolve_url(const Url& base, std::string_view reference,
                        UrlForm form) {
  const UrlParser parser(reference, form);
  Result<Parts> split_text = parser.parts();
  if (!split_text) return std::unexpected(std::move(split_text.error()));
  Parts& parts = *split_text;
  if (equals_ignoring_case(parts.scheme, "ws") ||
      equals_ignoring_case(parts.scheme, "wss"))
    return parser.invalid("scheme other than http and https", parts.scheme);
  if (parts.scheme.empty() && parts.authority) parts.scheme = base.scheme;

  // "http:path" is relative to a base of the same scheme, as browsers have it.
  const bool relative =
      !parts.authority &&
      (parts.scheme.empty() || equals_ignoring_case(parts.scheme, base.scheme));
  if (!relative) return parse_absolute(parser, parts);

  Url url = base;
  url.fragment = parser.encoded(kFragment, parts.fragment.value_or(""));
  if (parts.path.empty()) {
    if (parts.query)
      url.target = parser.target(std::string(base.path()), *parts.query);
    return url;
  }
  std::string path = parser.encoded(kPath, parts.path);
  if (!path.starts_with('/')) {
    const std::string_view directory = base.path();
    path.insert(0, directory.substr(0, directory.rfind('/') + 1));
  }
  url.has_path = true;
  url.target =
      parser.target(remove_dot_segments(path), parts.query.value_or(""));
  return url;
}

std::string percent_decoded(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    const std::optional<char> decoded = decoded_at(text, i);
    out += decoded.value_or(text[i]);
    if (decoded) i += 2;
  }
  return out;
}

void append_query(Url& url, std::string_view encoded) {
  if (encoded.empty()) return;
  url.target += url.target.contains('?') ? '&' : '?';
  url.target += encoded;
}

std::string encode_query_component(std::string_view text) {
  return encode_component(text, "!$'()*,:@/?");
}

std::string encode_form_component(std::string_view text) {
  return encode_component(text, "");
}

}  // namespace molotov::http
