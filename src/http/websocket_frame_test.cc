#include "http/websocket_frame.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace molotov::http {
namespace {

using namespace std::string_literals;

constexpr MaskKey kKey = {0x37, '\xfa', 0x21, 0x3d};

std::string frame(const FrameHead& head, std::string_view payload,
                  const std::optional<MaskKey>& key = {}) {
  std::string out;
  append_frame(out, head, payload, key);
  return out;
}

// The examples of RFC 6455 section 5.7.
TEST(WebSocketFrame, Examples) {
  EXPECT_EQ(frame({.opcode = Opcode::text}, "Hello"), "\x81\x05Hello"s);
  EXPECT_EQ(frame({.opcode = Opcode::text}, "Hello", kKey),
            "\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58"s);
  EXPECT_EQ(frame({.fin = false, .opcode = Opcode::text}, "Hel"),
            "\x01\x03Hel"s);
  EXPECT_EQ(frame({.opcode = Opcode::continuation}, "lo"), "\x80\x02lo"s);
  EXPECT_EQ(frame({.opcode = Opcode::ping}, "Hello"), "\x89\x05Hello"s);
  EXPECT_EQ(frame({.opcode = Opcode::pong}, "Hello", kKey),
            "\x8a\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58"s);
  EXPECT_EQ(frame({.opcode = Opcode::binary}, std::string(256, 'x')),
            "\x82\x7e\x01\x00"s + std::string(256, 'x'));
  EXPECT_EQ(
      frame({.opcode = Opcode::binary}, std::string(65536, 'x')),
      "\x82\x7f\x00\x00\x00\x00\x00\x01\x00\x00"s + std::string(65536, 'x'));
  EXPECT_EQ(frame({.compressed = true, .opcode = Opcode::text}, "x"),
            "\xc1\x01x"s);
}

TEST(WebSocketFrame, LengthsAtTheirBounds) {
  EXPECT_EQ(frame({}, std::string(125, 'x')).size(), 2 + 125u);
  EXPECT_EQ(frame({}, std::string(126, 'x')).size(), 4 + 126u);
  EXPECT_EQ(frame({}, std::string(65535, 'x')).size(), 4 + 65535u);
  EXPECT_EQ(frame({}, std::string(65536, 'x')).size(), 10 + 65536u);
}

// The fast way gives what the definition says (RFC 6455 section 5.3).
TEST(WebSocketFrame, MaskIsThatOfTheDefinition) {
  for (size_t size = 0; size < 80; size++) {
    for (size_t offset = 0; offset < 9; offset++) {
      std::string bytes(size, '\0'), expected(size, '\0');
      for (size_t i = 0; i < size; i++) {
        bytes[i] = static_cast<char>(i * 7 + 3);
        expected[i] = static_cast<char>(bytes[i] ^ kKey[(offset + i) % 4]);
      }
      apply_mask(bytes, kKey, offset);
      EXPECT_EQ(bytes, expected) << size << " " << offset;
    }
  }
}

TEST(WebSocketFrame, KeysDiffer) {
  MaskKeys keys;
  std::set<MaskKey> seen;
  for (int i = 0; i < 2000; i++) seen.insert(keys.next());
  // Of 2^32, two may be the same by chance.
  EXPECT_GT(seen.size(), 1990u);
}

TEST(WebSocketFrame, ClosePayload) {
  EXPECT_EQ(close_payload(1000, ""), "\x03\xe8"s);
  EXPECT_EQ(close_payload(4999, "why"), "\x13\x87why"s);
}

}  // namespace
}  // namespace molotov::http
