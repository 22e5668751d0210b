// Aim: a body comes out of its framing the same in whatever pieces it arrives,
// ends where it should, and is refused when its chunks are not by the book.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "http/h1_parser.h"

namespace molotov::http {
namespace {

MessageInfo framed(Framing framing, uint64_t length = 0) {
  MessageInfo info;
  info.framing = framing;
  info.content_length = length;
  return info;
}

// Feeds one piece; false after an error, which is then the outcome.
bool feed(BodyDecoder& decoder, std::string_view piece, std::string& body,
          size_t& consumed, std::string& error) {
  while (!piece.empty() && !decoder.done()) {
    const auto step = decoder.decode(piece);
    if (!step) {
      error = to_string(step.error().code);
      return false;
    }
    EXPECT_GT(step->consumed, 0U);
    piece.remove_prefix(step->consumed);
    consumed += step->consumed;
    body += step->body;
  }
  return true;
}

// "body|rest|end" of bytes cut at the given places.
std::string decode(const MessageInfo& info, std::string_view bytes,
                   std::initializer_list<size_t> cuts = {}) {
  BodyDecoder decoder(info);
  std::string body, error;
  size_t consumed = 0, from = 0;
  std::vector<size_t> ends(cuts);
  ends.push_back(bytes.size());
  for (size_t end : ends) {
    const auto piece = bytes.substr(from, end - from);
    if (!feed(decoder, piece, body, consumed, error)) return error;
    from = end;
  }
  const auto ended = decoder.finish();
  return fmt::format("{}|{}|{}", body, bytes.substr(consumed),
                     !ended           ? to_string(ended.error().code)
                     : decoder.done() ? "done"
                                      : "open");
}

std::string decode_byte_by_byte(const MessageInfo& info,
                                std::string_view bytes) {
  BodyDecoder decoder(info);
  std::string body, error;
  size_t consumed = 0;
  for (size_t i = 0; i < bytes.size(); ++i) {
    if (!feed(decoder, bytes.substr(i, 1), body, consumed, error)) return error;
  }
  const auto ended = decoder.finish();
  return fmt::format("{}|{}|{}", body, bytes.substr(consumed),
                     !ended           ? to_string(ended.error().code)
                     : decoder.done() ? "done"
                                      : "open");
}

struct Row {
  MessageInfo info;
  std::string_view bytes;
  std::string_view outcome;
};

const MessageInfo kChunked = framed(Framing::chunked);

TEST(BodyDecoder, TakesEachFramingOffInAllSplits) {
  const Row rows[] = {
      {framed(Framing::none), "next", "|next|done"},
      {framed(Framing::content_length, 0), "next", "|next|done"},
      {framed(Framing::content_length, 5), "hellonext", "hello|next|done"},
      {framed(Framing::content_length, 9), "hello", "hello||http_truncated"},
      {framed(Framing::until_close), "hello", "hello||open"},
      {framed(Framing::until_close), "", "||open"},
      {kChunked, "5\r\nhello\r\n0\r\n\r\nnext", "hello|next|done"},
      {kChunked, "5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n", "hello world||done"},
      {kChunked, "0\r\n\r\n", "||done"},
      {kChunked, "00000000000000aB\r\nx", "x||http_truncated"},
      {kChunked, "1;a=b;c=\"d e\"\r\nx\r\n0 ; z\r\n\r\n", "x||done"},
      {kChunked, "1 \t\r\nx\r\n0\r\n\r\n", "x||done"},
      {kChunked, "1\r\nx\r\n0\r\nA: b\r\nC: d\r\n\r\nnext", "x|next|done"},
      {kChunked, "", "||http_truncated"},
      {kChunked, "5\r\nhel", "hel||http_truncated"},
      {kChunked, "5\r\nhello\r\n0\r\n", "hello||http_truncated"},
      {kChunked, "5\r\nhello\r\n0\r\nA: b\r\n", "hello||http_truncated"},
      {kChunked, "\r\n", "http_malformed"},
      {kChunked, "x\r\n", "http_malformed"},
      {kChunked, "-1\r\n", "http_malformed"},
      {kChunked, "0x5\r\n", "http_malformed"},
      {kChunked, " 5\r\n", "http_malformed"},
      {kChunked, ";a\r\n", "http_malformed"},
      {kChunked, "5\nhello\r\n", "http_malformed"},
      {kChunked, "5\rhello\r\n", "http_malformed"},
      {kChunked, "5;a\nhello", "http_malformed"},
      {kChunked, "5;\x01\r\nhello", "http_malformed"},
      {kChunked, "5\r\nhellox", "http_malformed"},
      {kChunked, "5\r\nhello\n", "http_malformed"},
      {kChunked, "5\r\nhello\rx", "http_malformed"},
      {kChunked, "0\r\nA: b\nC", "http_malformed"},
      {kChunked, "0\r\n\rx", "http_malformed"},
      {kChunked, "00000000000000001\r\n", "http_malformed"},
      {kChunked, "ffffffffffffffff0\r\n", "http_malformed"},
  };
  for (const Row& row : rows) {
    const std::string_view bytes = row.bytes;
    EXPECT_EQ(decode(row.info, bytes), row.outcome) << bytes;
    EXPECT_EQ(decode_byte_by_byte(row.info, bytes), row.outcome) << bytes;
    for (size_t a = 0; a <= bytes.size(); ++a) {
      for (size_t b = a; b <= bytes.size(); ++b) {
        ASSERT_EQ(decode(row.info, bytes, {a, b}), row.outcome)
            << bytes << " cut at " << a << " and " << b;
      }
    }
  }
}

TEST(BodyDecoder, ReportsTruncationAtEveryByte) {
  constexpr std::string_view kBody = "5;x\r\nhello\r\n0\r\nA: b\r\n\r\n";
  for (size_t n = 0; n < kBody.size(); ++n) {
    EXPECT_TRUE(decode(kChunked, kBody.substr(0, n)).ends_with("truncated"))
        << n;
  }
  BodyDecoder decoder(framed(Framing::content_length, 10));
  ASSERT_TRUE(decoder.decode("abc"));
  EXPECT_EQ(decoder.finish().error().detail,
            "Not enough data to satisfy content length header (received 3 of "
            "10 bytes).");
}

TEST(BodyDecoder, BoundsWhatIsNotBody) {
  const std::string long_extension = "1;" + std::string(8189, 'x') + "\r\ny";
  EXPECT_EQ(decode(kChunked, long_extension), "y||http_truncated");
  EXPECT_EQ(decode(kChunked, "1;x" + long_extension.substr(2)),
            "http_too_large");
  std::string trailers = "0\r\n";
  while (trailers.size() < 66000) trailers += "Name: value\r\n";
  EXPECT_EQ(decode(kChunked, trailers), "||http_truncated");
  while (trailers.size() < 90000) trailers += "Name: value\r\n";
  EXPECT_EQ(decode(kChunked, trailers), "http_too_large");
}

TEST(BodyDecoder, KnowsHowMuchIsStillToCome) {
  BodyDecoder sized(framed(Framing::content_length, 5));
  EXPECT_EQ(sized.remaining_bytes(), 5U);
  ASSERT_TRUE(sized.decode("abc"));
  EXPECT_EQ(sized.remaining_bytes(), 2U);
  ASSERT_TRUE(sized.decode("de and more"));
  EXPECT_EQ(sized.remaining_bytes(), 0U);
  // Where it ends, or what comes between, is not known.
  BodyDecoder chunked(framed(Framing::chunked));
  ASSERT_TRUE(chunked.decode("5\r\n"));
  EXPECT_FALSE(chunked.remaining_bytes());
  EXPECT_FALSE(BodyDecoder(framed(Framing::until_close)).remaining_bytes());
}

TEST(BodyDecoder, GivesLongBodiesWithoutCopy) {
  const std::string body(100000, 'x');
  BodyDecoder decoder(framed(Framing::content_length, UINT64_MAX));
  const auto step = decoder.decode(body);
  ASSERT_TRUE(step);
  EXPECT_EQ(step->body.data(), body.data());
  EXPECT_EQ(step->body.size(), body.size());
  EXPECT_FALSE(decoder.done());
}

}  // namespace
}  // namespace molotov::http
