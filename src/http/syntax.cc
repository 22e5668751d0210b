#include "http/syntax.h"

#include <fmt/format.h>

#include <algorithm>

namespace molotov::http {

namespace {

constexpr std::string_view kTokenPunctuation = "!#$%&'*+-.^_`|~";

constexpr bool is_letter(int c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

constexpr uint8_t classes_of(int c) {
  const bool digit = c >= '0' && c <= '9';
  const bool visible = c > 0x20 && c < 0x7f;
  uint8_t classes = 0;
  if (digit || is_letter(c) ||
      (visible && kTokenPunctuation.contains(static_cast<char>(c)))) {
    classes |= kTokenChar;
  }
  if (visible) classes |= kTargetChar;
  if (visible || c >= 0x80 || c == ' ' || c == '\t') classes |= kTextChar;
  if (digit) classes |= kDigitChar;
  if (digit || (c >= 'A' && c <= 'F') || (c >= 'a' && c <= 'f')) {
    classes |= kHexChar;
  }
  return classes;
}

constexpr std::array<uint8_t, 256> make_char_classes() {
  std::array<uint8_t, 256> table{};
  for (int c = 0; c < 256; ++c) table[size_t(c)] = classes_of(c);
  return table;
}

bool all_are(std::string_view text, uint8_t classes) {
  return std::ranges::all_of(text, [=](char c) { return is_char(c, classes); });
}

bool is_blank(char c) {
  return c == ' ' || c == '\t';
}

}  // namespace

constinit const std::array<uint8_t, 256> kCharClasses = make_char_classes();

bool is_token(std::string_view text) {
  return !text.empty() && all_are(text, kTokenChar);
}

bool is_field_value(std::string_view text) {
  if (text.empty()) return true;
  return !is_blank(text.front()) && !is_blank(text.back()) &&
         all_are(text, kTextChar);
}

bool is_request_target(std::string_view text) {
  return !text.empty() && all_are(text, kTargetChar);
}

bool equals_ignoring_case(std::string_view a, std::string_view b) {
  return std::ranges::equal(
      a, b, [](char x, char y) { return to_lower(x) == to_lower(y); });
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

std::string_view take_list_element(std::string_view& list) {
  const size_t comma = std::min(list.find(','), list.size());
  const std::string_view element = trim(list.substr(0, comma));
  list.remove_prefix(std::min(comma + 1, list.size()));
  return element;
}

bool list_contains(std::string_view list, std::string_view element) {
  while (!list.empty()) {
    if (equals_ignoring_case(take_list_element(list), element)) return true;
  }
  return false;
}

std::string excerpt(std::string_view text) {
  constexpr size_t kBytesMax = 40;
  std::string out = "\"";
  for (char c : text.substr(0, kBytesMax)) {
    if (c == '\r') {
      out += "\\r";
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == ' ' || is_char(c, kTargetChar)) {
      out += c;
    } else {
      out += fmt::format("\\x{:02x}", static_cast<uint8_t>(c));
    }
  }
  return out + (text.size() > kBytesMax ? "\"..." : "\"");
}

}  // namespace molotov::http
