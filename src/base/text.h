// Small things that are done to text.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

namespace molotov {

// As much of `text`, which is UTF-8, as `most` bytes hold, without half a
// character at its end.
constexpr std::string_view cut(std::string_view text, size_t most) {
  if (text.size() <= most) return text;
  while (most > 0 && (text[most] & 0xc0) == 0x80) most--;
  return text.substr(0, most);
}

constexpr bool is_control(char c) {
  return static_cast<unsigned char>(c) < ' ' || c == 0x7f;
}

// Tabs and line ends among them.
constexpr bool has_controls(std::string_view text) {
  return std::ranges::any_of(text, is_control);
}

// With spaces in their place.
inline std::string without_controls(std::string_view text) {
  std::string plain(text);
  std::ranges::replace_if(plain, is_control, ' ');
  return plain;
}

}  // namespace molotov
