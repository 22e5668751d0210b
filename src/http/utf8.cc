#include "http/utf8.h"

#include <cstdint>
#include <cstring>

namespace molotov::http {

namespace {

// How many bytes from the front are ASCII, in steps of eight.
size_t skip_ascii(std::string_view bytes) {
  size_t at = 0;
  for (; at + 8 <= bytes.size(); at += 8) {
    uint64_t word;
    std::memcpy(&word, bytes.data() + at, sizeof word);
    if (word & 0x8080808080808080) break;
  }
  return at;
}

// What may follow a lead byte: how many bytes, and the range of the first of
// them; the others are 80 to BF (RFC 3629 section 4). No bytes: no lead byte.
struct Tail {
  size_t bytes = 0;
  uint8_t least = 0x80;
  uint8_t most = 0xbf;
};

Tail tail_of(uint8_t lead) {
  if (lead < 0xc2 || lead > 0xf4) return {};
  if (lead < 0xe0) return {1};
  if (lead == 0xe0) return {2, 0xa0};
  if (lead == 0xed) return {2, 0x80, 0x9f};
  if (lead < 0xf0) return {2};
  if (lead == 0xf0) return {3, 0x90};
  if (lead == 0xf4) return {3, 0x80, 0x8f};
  return {3};
}

bool matches(const Tail& tail, std::string_view bytes) {
  if (tail.bytes == 0 || bytes.size() < tail.bytes) return false;
  const auto first = static_cast<uint8_t>(bytes[0]);
  if (first < tail.least || first > tail.most) return false;
  for (size_t i = 1; i < tail.bytes; i++)
    if ((static_cast<uint8_t>(bytes[i]) & 0xc0) != 0x80) return false;
  return true;
}

}  // namespace

bool is_utf8(std::string_view bytes) {
  while (!bytes.empty()) {
    bytes.remove_prefix(skip_ascii(bytes));
    if (bytes.empty()) return true;
    const auto lead = static_cast<uint8_t>(bytes.front());
    bytes.remove_prefix(1);
    if (lead < 0x80) continue;
    const Tail tail = tail_of(lead);
    if (!matches(tail, bytes)) return false;
    bytes.remove_prefix(tail.bytes);
  }
  return true;
}

}  // namespace molotov::http
