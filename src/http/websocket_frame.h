// The frames of a WebSocket (RFC 6455 section 5): their heads, and masking.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace molotov::http {

enum class Opcode : uint8_t {
  continuation = 0x0,
  text = 0x1,
  binary = 0x2,
  close = 0x8,
  ping = 0x9,
  pong = 0xa,
};

inline bool is_control(Opcode opcode) {
  return static_cast<uint8_t>(opcode) >= 0x8;
}

// RFC 6455 section 7.4.1.
inline constexpr uint16_t kCloseNormal = 1000;
inline constexpr uint16_t kCloseProtocolError = 1002;
inline constexpr uint16_t kCloseInvalidText = 1007;
inline constexpr uint16_t kCloseTooBig = 1009;

inline constexpr size_t kControlPayloadMax = 125;
inline constexpr size_t kFrameHeadMax = 14;

// Four bytes that a client's payload is combined with, in their order on the
// wire.
using MaskKey = std::array<char, 4>;

// Combines `bytes` with the key, in place; doing it twice undoes it. `offset`
// is where the bytes lie in their frame's payload.
void apply_mask(std::span<char> bytes, const MaskKey& key, size_t offset = 0);

// Keys that the peer cannot guess (RFC 6455 section 10.3), from the system's
// random numbers, some at a time.
class MaskKeys {
 public:
  MaskKey next();

 private:
  std::array<char, 1024> random_;
  size_t used_ = sizeof random_;
};

struct FrameHead {
  bool fin = true;
  bool compressed = false;  // RSV1 (RFC 7692 section 6)
  Opcode opcode = Opcode::binary;
};

// Appends a whole frame; masked where there is a key, as a client's are.
void append_frame(std::string& out, const FrameHead& head,
                  std::string_view payload, const std::optional<MaskKey>& key);

// The payload of a close frame.
std::string close_payload(uint16_t code, std::string_view reason);

}  // namespace molotov::http
