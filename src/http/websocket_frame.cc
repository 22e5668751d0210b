#include "http/websocket_frame.h"

#include <sys/random.h>

#include <algorithm>
#include <bit>
#include <cstring>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "base/check.h"

namespace molotov::http {

namespace {

void append_big_endian(std::string& out, uint64_t value, int bytes) {
  while (bytes-- > 0) out += static_cast<char>(value >> (8 * bytes));
}

}  // namespace

void apply_mask(std::span<char> bytes, const MaskKey& key, size_t offset) {
  // The key as it lies over the first byte, twice.
  std::array<char, 8> pattern;
  for (size_t i = 0; i < pattern.size(); i++)
    pattern[i] = key[(offset + i) % key.size()];
  const auto word = std::bit_cast<uint64_t>(pattern);
  char* at = bytes.data();
  size_t left = bytes.size();
#ifdef __SSE2__
  const __m128i wide = _mm_set1_epi64x(static_cast<long long>(word));
  for (; left >= 16; at += 16, left -= 16) {
    auto* const place = reinterpret_cast<__m128i*>(at);
    _mm_storeu_si128(place, _mm_xor_si128(_mm_loadu_si128(place), wide));
  }
#endif
  for (; left >= 8; at += 8, left -= 8) {
    uint64_t eight;
    std::memcpy(&eight, at, sizeof eight);
    eight ^= word;
    std::memcpy(at, &eight, sizeof eight);
  }
  for (size_t i = 0; i < left; i++)
    at[i] = static_cast<char>(at[i] ^ pattern[i]);
}

MaskKey MaskKeys::next() {
  if (used_ == random_.size()) {
    // Up to 256 bytes always come whole, and without a wait once the system
    // is up (getrandom(2)).
    for (size_t i = 0; i < random_.size(); i += 256)
      CHECK(getrandom(random_.data() + i, 256, 0) == 256);
    used_ = 0;
  }
  MaskKey key;
  std::memcpy(key.data(), random_.data() + used_, key.size());
  used_ += key.size();
  return key;
}

void append_frame(std::string& out, const FrameHead& head,
                  std::string_view payload, const std::optional<MaskKey>& key) {
  out.reserve(out.size() + payload.size() + kFrameHeadMax);
  const unsigned first = (head.fin ? 0x80u : 0u) |
                         (head.compressed ? 0x40u : 0u) |
                         static_cast<unsigned>(head.opcode);
  const unsigned mask_bit = key ? 0x80 : 0;
  out += static_cast<char>(first);
  if (payload.size() < 126) {
    out += static_cast<char>(mask_bit | payload.size());
  } else if (payload.size() <= UINT16_MAX) {
    out += static_cast<char>(mask_bit | 126);
    append_big_endian(out, payload.size(), 2);
  } else {
    out += static_cast<char>(mask_bit | 127);
    append_big_endian(out, payload.size(), 8);
  }
  if (key) out.append(key->data(), key->size());
  const size_t begins = out.size();
  out += payload;
  if (key) apply_mask(std::span(out).subspan(begins), *key);
}

std::string close_payload(uint16_t code, std::string_view reason) {
  std::string payload;
  append_big_endian(payload, code, 2);
  payload += reason;
  return payload;
}

}  // namespace molotov::http
