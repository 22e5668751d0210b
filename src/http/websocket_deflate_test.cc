#include "http/websocket_deflate.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

namespace molotov::http {
namespace {

std::string pattern(size_t size) {
  std::string text(size, '\0');
  uint32_t state = 1;
  for (char& c : text) {
    state = state * 1664525 + 1013904223;
    c = static_cast<char>('a' + (state >> 28));
  }
  return text;
}

struct Row {
  int bits;
  bool keeps_context;
};

class WebSocketDeflate : public testing::TestWithParam<Row> {};

TEST_P(WebSocketDeflate, RoundTrips) {
  const Row row = GetParam();
  MessageDeflater deflater(row.bits, row.keeps_context);
  MessageInflater inflater(row.keeps_context);
  for (const size_t size :
       {0, 0, 1, 5, 5, 300, 0, 0, 4096, 70000, 1 << 20, 3}) {
    const std::string text = pattern(size);
    std::string packed;
    ASSERT_TRUE(deflater.deflate(text, packed));
    Buffer out;
    ASSERT_EQ(inflater.inflate(packed, 0, out), MessageInflater::Outcome::ok);
    EXPECT_TRUE(out.view() == text) << size;
  }
}

INSTANTIATE_TEST_SUITE_P(Windows, WebSocketDeflate,
                         testing::Values(Row{9, true}, Row{9, false},
                                         Row{12, true}, Row{15, true},
                                         Row{15, false}));

// zlib, which has flushed, has nothing to say of it (RFC 7692 section 7.2.3.6).
TEST(WebSocketDeflate, AnEmptyMessageBehindAnotherIsABlock) {
  MessageDeflater deflater(15, true);
  std::string packed = "before";
  ASSERT_TRUE(deflater.deflate("x", packed));
  for (int times = 0; times < 2; times++) {
    packed = "before";
    ASSERT_TRUE(deflater.deflate("", packed));
    EXPECT_EQ(packed, std::string("before\0", 7));
  }
}

TEST(WebSocketDeflate, ContextMakesRepeatsShort) {
  const std::string text = pattern(500);
  for (const bool keeps : {true, false}) {
    MessageDeflater deflater(15, keeps);
    std::string first, second;
    ASSERT_TRUE(deflater.deflate(text, first));
    ASSERT_TRUE(deflater.deflate(text, second));
    EXPECT_EQ(second.size() < first.size() / 4, keeps);
    EXPECT_EQ(second == first, !keeps);
  }
}

TEST(WebSocketDeflate, RestingForgetsTheContext) {
  const std::string text = pattern(500);
  MessageDeflater deflater(15, true);
  MessageInflater inflater(true);
  std::string first, second, third;
  ASSERT_TRUE(deflater.deflate(text, first));
  deflater.rest();
  ASSERT_TRUE(deflater.deflate(text, second));
  ASSERT_TRUE(deflater.deflate(text, third));
  EXPECT_EQ(second, first);
  EXPECT_LT(third.size(), first.size() / 4);
  for (const std::string& packed : {first, second, third}) {
    Buffer out;
    ASSERT_EQ(inflater.inflate(packed, 0, out), MessageInflater::Outcome::ok);
    EXPECT_EQ(out.view(), text);
  }
}

TEST(WebSocketDeflate, ThoseNotUsedForLongestRest) {
  AwakeDeflaters awake;
  const std::string text = pattern(500);
  std::vector<std::unique_ptr<MessageDeflater>> all;
  const auto size_from = [&](size_t index) {
    std::string packed;
    EXPECT_TRUE(all[index]->deflate(text, packed));
    awake.note(*all[index]);
    return packed.size();
  };
  size_t size = 0;
  for (size_t i = 0; i < AwakeDeflaters::kMost; i++) {
    all.push_back(std::make_unique<MessageDeflater>(15, true));
    size = size_from(i);
  }
  EXPECT_LT(size_from(0), size / 4);  // the second is the eldest now
  all.push_back(std::make_unique<MessageDeflater>(15, true));
  size_from(all.size() - 1);
  EXPECT_LT(size_from(0), size / 4);
  EXPECT_EQ(size_from(1), size);
  for (const auto& each : all) awake.forget(*each);
}

// Small windows are kept apart from zlib's memory, large ones in it.
TEST(WebSocketDeflate, ContextOutlastsAnySize) {
  MessageDeflater deflater(15, true);
  MessageInflater inflater(true);
  std::string text;
  for (size_t size = 1; size < 100'000; size = size * 3 / 2 + 1) {
    text = pattern(size) + text.substr(0, 20'000);
    std::string packed;
    ASSERT_TRUE(deflater.deflate(text, packed));
    Buffer out;
    ASSERT_EQ(inflater.inflate(packed, 0, out), MessageInflater::Outcome::ok);
    ASSERT_TRUE(out.view() == text) << size;
  }
}

// A peer that ends a message within a block goes on with it in the next.
TEST(WebSocketDeflate, BlockMayGoOnInTheNextMessage) {
  MessageInflater inflater(true);
  // A stored block of 9 bytes, of which the 4 that end a message are a part.
  Buffer first, second;
  ASSERT_EQ(inflater.inflate(std::string_view("\x00\x09\x00\xf6\xff"
                                              "abc",
                                              8),
                             0, first),
            MessageInflater::Outcome::ok);
  EXPECT_EQ(first.view(), std::string_view("abc\x00\x00\xff\xff", 7));
  ASSERT_EQ(inflater.inflate("de", 0, second), MessageInflater::Outcome::ok);
  EXPECT_EQ(second.view(), "de");
}

TEST(WebSocketDeflate, BombsEndAtTheBound) {
  std::string packed;
  MessageDeflater deflater(15, true);
  ASSERT_TRUE(deflater.deflate(std::string(8 << 20, '\0'), packed));
  ASSERT_LT(packed.size(), 64u << 10);
  MessageInflater inflater(true);
  Buffer out;
  EXPECT_EQ(inflater.inflate(packed, 1000, out),
            MessageInflater::Outcome::too_big);
  EXPECT_LT(out.size(), 1u << 20);
}

TEST(WebSocketDeflate, BoundItselfIsFine) {
  std::string packed;
  MessageDeflater deflater(15, true);
  ASSERT_TRUE(deflater.deflate(std::string(1000, 'x'), packed));
  MessageInflater fits(true), exceeds(true);
  Buffer out, more;
  EXPECT_EQ(fits.inflate(packed, 1000, out), MessageInflater::Outcome::ok);
  EXPECT_EQ(exceeds.inflate(packed, 999, more),
            MessageInflater::Outcome::too_big);
}

}  // namespace
}  // namespace molotov::http
