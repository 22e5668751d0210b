// Small things that are done to text.
#pragma once

#include <cstddef>
#include <string_view>

namespace molotov {

// As much of `text`, which is UTF-8, as `most` bytes hold, without half a
// character at its end.
constexpr std::string_view cut(std::string_view text, size_t most) {
  if (text.size() <= most) return text;
  while (most > 0 && (text[most] & 0xc0) == 0x80) most--;
  return text.substr(0, most);
}

}  // namespace molotov
