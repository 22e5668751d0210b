#include "session/endpoint_name.h"

#include <algorithm>
#include <array>
#include <cstddef>

namespace molotov::session {

namespace {

constexpr std::string_view kFolded = "{}";
// Shorter ones may be words.
constexpr size_t kHexLeast = 16;
constexpr size_t kBase64Least = 20;
constexpr size_t kUuidBytes = 36;

constexpr bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
constexpr bool is_lower(char c) {
  return c >= 'a' && c <= 'z';
}
constexpr bool is_upper(char c) {
  return c >= 'A' && c <= 'Z';
}
constexpr bool is_hex(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

// "42", "-1", "3.14".
bool is_number(std::string_view text) {
  if (text.starts_with('-')) text.remove_prefix(1);
  const size_t point = text.find('.');
  if (point != text.npos) {
    const std::string_view fraction = text.substr(point + 1);
    if (fraction.empty() || !std::ranges::all_of(fraction, is_digit))
      return false;
    text = text.substr(0, point);
  }
  return !text.empty() && std::ranges::all_of(text, is_digit);
}

bool is_uuid(std::string_view text) {
  if (text.size() != kUuidBytes) return false;
  for (size_t i = 0; i < text.size(); i++) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? text[i] != '-' : !is_hex(text[i])) return false;
  }
  return true;
}

bool is_long_hex(std::string_view text) {
  return text.size() >= kHexLeast && std::ranges::all_of(text, is_hex) &&
         std::ranges::any_of(text, is_digit);
}

// Of what random bytes look like, and words put together do not: small and
// large letters and digits by turns, at 2 of 5 places at least.
bool is_long_base64(std::string_view text) {
  while (text.ends_with('=')) text.remove_suffix(1);
  if (text.size() < kBase64Least) return false;
  enum class Class : uint8_t { lower, upper, digit, sign };
  std::array<bool, 4> seen{};
  size_t changes = 0;
  Class last{};
  for (size_t i = 0; i < text.size(); i++) {
    const char c = text[i];
    Class now = Class::sign;
    if (is_lower(c))
      now = Class::lower;
    else if (is_upper(c))
      now = Class::upper;
    else if (is_digit(c))
      now = Class::digit;
    else if (c != '-' && c != '_' && c != '+')
      return false;
    if (i > 0 && now != last) changes++;
    seen[static_cast<size_t>(now)] = true;
    last = now;
  }
  return seen[0] && seen[1] && seen[2] && changes * 5 >= text.size() * 2;
}

}  // namespace

bool is_identifier(std::string_view segment) {
  return is_number(segment) || is_uuid(segment) || is_long_hex(segment) ||
         is_long_base64(segment);
}

void append_folded(std::string_view path, std::string& name) {
  while (true) {
    const size_t end = std::min(path.find('/'), path.size());
    const std::string_view segment = path.substr(0, end);
    name += is_identifier(segment) ? kFolded : segment;
    if (end == path.size()) return;
    name += '/';
    path.remove_prefix(end + 1);
  }
}

}  // namespace molotov::session
