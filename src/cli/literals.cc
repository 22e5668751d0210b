#include "cli/literals.h"

#include <fmt/format.h>

#include <algorithm>

namespace molotov::cli {
namespace {

// One character of UTF-8, as a code point and its length; length 0: it is none.
struct CodePoint {
  uint32_t value = 0;
  size_t bytes = 0;
};

CodePoint decode(std::string_view text) {
  const auto byte = [&](size_t i) {
    return static_cast<unsigned char>(text[i]);
  };
  const unsigned first = byte(0);
  if (first < 0x80) return {first, 1};
  const size_t bytes = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || text.size() < bytes) return {};
  uint32_t value = first & (0x7fu >> bytes);
  for (size_t i = 1; i < bytes; ++i) {
    if ((byte(i) & 0xc0u) != 0x80) return {};
    value = value << 6 | (byte(i) & 0x3fu);
  }
  constexpr uint32_t kSmallest[] = {0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = value >= 0xd800 && value < 0xe000;
  if (value < kSmallest[bytes] || value > 0x10ffff || surrogate) return {};
  return {value, bytes};
}

void append_escaped(std::string& out, char c, char quote) {
  switch (c) {
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    case '\\':
      out += "\\\\";
      return;
    default:
      break;
  }
  if (c == quote) out += '\\';
  if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f)
    out += fmt::format("\\x{:02x}", c);
  else
    out += c;
}

}  // namespace

std::string repr(std::string_view text) {
  const bool double_quotes = text.contains('\'') && !text.contains('"');
  const char quote = double_quotes ? '"' : '\'';
  std::string out(1, quote);
  while (!text.empty()) {
    const CodePoint point = decode(text);
    if (point.bytes == 1)
      append_escaped(out, text.front(), quote);
    else if (point.bytes == 0)
      out += fmt::format("\\udc{:02x}", static_cast<unsigned char>(text[0]));
    else if (point.value <= 0xa0 || point.value == 0xad)
      out += fmt::format("\\x{:02x}", point.value);
    else
      out += text.substr(0, point.bytes);
    text.remove_prefix(std::max<size_t>(point.bytes, 1));
  }
  return out + quote;
}

}  // namespace molotov::cli
