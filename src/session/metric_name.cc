#include "session/metric_name.h"

#include <algorithm>
#include <cstdint>

#include "http/syntax.h"

namespace molotov::session {

namespace {

constexpr size_t kEscapeBytes = 3;  // "%2F"

bool breaks_a_name(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte <= ' ' || byte == 0x7f || c == ':' || c == '|' || c == '@' ||
         c == '#';
}

// The bytes of the escapes that `text` begins with, "%C3%A9..." .
std::string escaped_bytes(std::string_view text) {
  std::string bytes;
  while (text.size() >= kEscapeBytes && text[0] == '%' &&
         http::is_char(text[1], http::kHexChar) &&
         http::is_char(text[2], http::kHexChar)) {
    bytes += static_cast<char>(http::hex_value(text[1]) * 16 +
                               http::hex_value(text[2]));
    text.remove_prefix(kEscapeBytes);
  }
  return bytes;
}

// The smallest and largest second byte of a UTF-8 sequence, and its length, by
// its first byte (RFC 3629).
struct Sequence {
  size_t bytes;
  uint8_t least, most;
};
Sequence sequence_of(uint8_t first) {
  if (first < 0x80) return {1, 0, 0};
  if (first >= 0xc2 && first <= 0xdf) return {2, 0x80, 0xbf};
  if (first == 0xe0) return {3, 0xa0, 0xbf};
  if (first == 0xed) return {3, 0x80, 0x9f};
  if (first >= 0xe1 && first <= 0xef) return {3, 0x80, 0xbf};
  if (first == 0xf0) return {4, 0x90, 0xbf};
  if (first >= 0xf1 && first <= 0xf3) return {4, 0x80, 0xbf};
  if (first == 0xf4) return {4, 0x80, 0x8f};
  return {0, 0, 0};
}

// How long the character is that `bytes` begin with; 0 where it is none.
size_t character_bytes(std::string_view bytes) {
  const auto at = [&](size_t i) { return static_cast<uint8_t>(bytes[i]); };
  const Sequence sequence = sequence_of(at(0));
  if (sequence.bytes > bytes.size()) return 0;
  for (size_t i = 1; i < sequence.bytes; i++) {
    const uint8_t least = i == 1 ? sequence.least : 0x80;
    const uint8_t most = i == 1 ? sequence.most : 0xbf;
    if (at(i) < least || at(i) > most) return 0;
  }
  return sequence.bytes;
}

// Decodes the escapes that `path` begins with; returns how much they were.
size_t append_escapes(std::string_view path, std::string& name) {
  const std::string all = escaped_bytes(path);
  for (std::string_view bytes = all; !bytes.empty();) {
    const size_t begin = (all.size() - bytes.size()) * kEscapeBytes;
    const size_t character = character_bytes(bytes);
    if (character > 0)
      append_name_part(bytes.substr(0, character), name);
    else
      name += path.substr(begin, kEscapeBytes);
    bytes.remove_prefix(std::max<size_t>(character, 1));
  }
  return all.size() * kEscapeBytes;
}

}  // namespace

void append_name_part(std::string_view text, std::string& name) {
  const size_t begin = name.size();
  name += text;
  std::replace_if(name.begin() + static_cast<std::ptrdiff_t>(begin), name.end(),
                  breaks_a_name, '_');
}

void append_path_part(std::string_view path, std::string& name) {
  while (!path.empty()) {
    const size_t plain = std::min(path.find('%'), path.size());
    append_name_part(path.substr(0, plain), name);
    path.remove_prefix(plain);
    if (path.empty()) return;
    size_t escapes = append_escapes(path, name);
    if (escapes == 0) {
      name += '%';
      escapes = 1;
    }
    path.remove_prefix(escapes);
  }
}

}  // namespace molotov::session
