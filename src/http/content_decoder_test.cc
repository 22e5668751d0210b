// Aim: a coded body decodes the same in whatever pieces it comes and is taken,
// in bounded memory, and one that is cut short or damaged is reported.
#include "http/content_decoder.h"

#include <brotli/encode.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>

namespace molotov::http {
namespace {

constexpr int kRaw = -15;
constexpr int kZlib = 15;
constexpr int kGzip = 31;

std::string deflated(std::string_view text, int window) {
  z_stream z{};
  EXPECT_EQ(deflateInit2(&z, 9, Z_DEFLATED, window, 8, Z_DEFAULT_STRATEGY),
            Z_OK);
  std::string out(deflateBound(&z, text.size()) + 64, '\0');
  z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  z.avail_in = static_cast<unsigned>(text.size());
  z.next_out = reinterpret_cast<Bytef*>(out.data());
  z.avail_out = static_cast<unsigned>(out.size());
  EXPECT_EQ(deflate(&z, Z_FINISH), Z_STREAM_END);
  out.resize(z.total_out);
  deflateEnd(&z);
  return out;
}

std::string as_brotli(std::string_view text) {
  std::string out(BrotliEncoderMaxCompressedSize(text.size()) + 64, '\0');
  size_t size = out.size();
  EXPECT_TRUE(
      BrotliEncoderCompress(5, 18, BROTLI_MODE_GENERIC, text.size(),
                            reinterpret_cast<const uint8_t*>(text.data()),
                            &size, reinterpret_cast<uint8_t*>(out.data())));
  out.resize(size);
  return out;
}

std::string as_zstd(std::string_view text) {
  std::string out(ZSTD_compressBound(text.size()), '\0');
  const size_t size =
      ZSTD_compress(out.data(), out.size(), text.data(), text.size(), 3);
  EXPECT_FALSE(ZSTD_isError(size));
  out.resize(size);
  return out;
}

// Decoded from pieces of `in_bytes`, taken in pieces of `out_bytes`; then how
// it ended.
std::string decode(std::string_view coding, std::string_view bytes,
                   size_t in_bytes = SIZE_MAX, size_t out_bytes = 4096) {
  const auto decoder = ContentDecoder::create(coding);
  if (!decoder) return "not decoded";
  std::string out;
  std::vector<char> room(out_bytes);
  while (!bytes.empty()) {
    std::string_view piece = bytes.substr(0, in_bytes);
    bytes.remove_prefix(piece.size());
    for (;;) {
      const auto step = decoder->decode(piece, room);
      if (!step) return out + "|" + step.error().message();
      piece.remove_prefix(step->consumed);
      out.append(room.data(), step->produced);
      if (step->produced < room.size()) break;
    }
    EXPECT_TRUE(piece.empty());
  }
  const auto ended = decoder->finish();
  return out + (ended ? "|ok" : "|" + ended.error().message());
}

std::string sample() {
  std::string text;
  for (int i = 0; i < 400; ++i) text += fmt::format("{} molotov ", i * i);
  return text;
}

TEST(ContentDecoder, DecodesEachCodingInAllPieces) {
  const std::string text = sample();
  struct Row {
    std::string_view coding;
    std::string bytes;
  };
  const Row rows[] = {
      {"gzip", deflated(text, kGzip)},
      {"x-gzip", deflated(text, kGzip)},
      {"GZip", deflated(text, kGzip)},
      {"identity, gzip,", deflated(text, kGzip)},
      {"deflate", deflated(text, kZlib)},
      {"deflate", deflated(text, kRaw)},
      {"deflate, gzip", deflated(deflated(text, kZlib), kGzip)},
      {"gzip, deflate", deflated(deflated(text, kGzip), kRaw)},
      {"gzip , gzip", deflated(deflated(text, kGzip), kGzip)},
      {"br", as_brotli(text)},
      {"zstd", as_zstd(text)},
      {"zstd", as_zstd(text.substr(0, 9)) + as_zstd(text.substr(9))},
      {"br, gzip", deflated(as_brotli(text), kGzip)},
      {"zstd, br", as_brotli(as_zstd(text))},
  };
  for (const Row& row : rows) {
    for (const size_t in : {size_t{1}, size_t{2}, size_t{7}, SIZE_MAX}) {
      for (const size_t out : {1, 2, 3, 100, 100000}) {
        EXPECT_EQ(decode(row.coding, row.bytes, in, out), text + "|ok")
            << row.coding << " in " << in << " out " << out;
      }
    }
  }
}

TEST(ContentDecoder, LeavesWhatItDoesNotKnow) {
  for (const char* coding :
       {"", "identity", "identity, ,identity", "gzip, lz4", "compress",
        "gzip;q=1", "gzip, gzip, gzip", "gzip gzip"}) {
    EXPECT_EQ(ContentDecoder::create(coding), nullptr) << coding;
  }
}

TEST(ContentDecoder, EmptyBodies) {
  EXPECT_EQ(decode("gzip", ""), "|ok");
  EXPECT_EQ(decode("deflate", ""), "|ok");
  for (const int window : {kRaw, kZlib}) {
    EXPECT_EQ(decode("deflate", deflated("", window)), "|ok");
    EXPECT_EQ(decode("deflate", deflated("", window), 1, 1), "|ok");
  }
  EXPECT_EQ(decode("gzip", deflated("", kGzip)), "|ok");
}

TEST(ContentDecoder, ReportsTruncationAtEveryByte) {
  const std::string text = "molotov molotov molotov";
  const std::pair<std::string_view, std::string> rows[] = {
      {"gzip", deflated(text, kGzip)},
      {"deflate", deflated(text, kZlib)},
      {"deflate", deflated(text, kRaw)},
      {"deflate, gzip", deflated(deflated(text, kRaw), kGzip)},
      {"br", as_brotli(text)},
      {"zstd", as_zstd(text)},
  };
  for (const auto& [coding, bytes] : rows) {
    for (size_t n = 1; n < bytes.size(); ++n) {
      EXPECT_NE(decode(coding, bytes.substr(0, n)).find("ends too early"),
                std::string::npos)
          << coding << " cut at " << n;
    }
  }
}

TEST(ContentDecoder, SeveralMembers) {
  const std::string both = deflated("one ", kGzip) + deflated("two", kGzip);
  for (const size_t in : {size_t{1}, size_t{5}, SIZE_MAX}) {
    EXPECT_EQ(decode("gzip", both, in, 3), "one two|ok");
    EXPECT_EQ(decode("gzip", both + std::string(4, '\0'), in), "one two|ok");
    EXPECT_EQ(decode("gzip", both + "junk", in), "one two|ok");
    EXPECT_EQ(decode("gzip", both + "\1\x1f\x8b", in), "one two|ok");
  }
  EXPECT_EQ(decode("deflate", deflated("x", kZlib) + "junk", 1), "x|ok");
  EXPECT_NE(decode("gzip", both + "\x1f").find("too early"), std::string::npos);
}

TEST(ContentDecoder, DamageIsReported) {
  std::string bytes = deflated(sample(), kGzip);
  EXPECT_EQ(decode("gzip", "hello"),
            "|http_content_coding: bad gzip body: incorrect header check");
  std::string checksum = bytes;
  checksum[checksum.size() - 6] ^= 1;
  EXPECT_TRUE(decode("gzip", checksum)
                  .ends_with("|http_content_coding: bad gzip body: incorrect "
                             "data check"));
  EXPECT_NE(
      decode("deflate", "hello").find("|http_content_coding: bad deflate"),
      std::string::npos);
  EXPECT_NE(decode("gzip", deflated("x", kZlib)).find("|http_content_coding"),
            std::string::npos);
  EXPECT_TRUE(decode("br", "\xff\xff\xff\xff")
                  .starts_with("|http_content_coding: bad br body: "));
  EXPECT_TRUE(decode("zstd", "hello")
                  .starts_with("|http_content_coding: bad zstd body: "));
  // A whole frame of a format from before the standard.
  const std::string_view old("\x26\xb5\x2f\xfd\0\0\0\xc0\0\0", 10);
  for (const size_t in : {size_t{1}, SIZE_MAX})
    EXPECT_EQ(decode("zstd", old, in),
              "|http_content_coding: bad zstd body: no frame begins so");
}

// 16 MiB of zeros from 16 KiB, and from 100 bytes when coded twice: a step
// gives no more than its room, and what is not taken takes no memory.
TEST(ContentDecoder, BombsComeInBoundedSteps) {
  const std::string zeros(16 << 20, '\0');
  const std::string once = deflated(zeros, kGzip);
  const std::string twice = deflated(once, kGzip);
  for (const auto& [coding, bytes] :
       {std::pair("gzip", once), std::pair("gzip, gzip", twice),
        std::pair("br", as_brotli(zeros)), std::pair("zstd", as_zstd(zeros))}) {
    const auto decoder = ContentDecoder::create(coding);
    std::string_view in = bytes;
    std::vector<char> room(1 << 16);
    size_t total = 0;
    for (;;) {
      const auto step = decoder->decode(in, room);
      ASSERT_TRUE(step);
      in.remove_prefix(step->consumed);
      total += step->produced;
      if (step->produced < room.size()) break;
    }
    EXPECT_EQ(total, zeros.size());
    EXPECT_TRUE(decoder->finish());
  }
}

TEST(ContentDecoder, AppendsToABuffer) {
  const std::string text = sample();
  const std::string bytes = deflated(text, kGzip);
  const auto decoder = ContentDecoder::create("gzip");
  Buffer out;
  out.append("before ");
  ASSERT_TRUE(decoder->decode(std::string_view(bytes).substr(0, 100), out));
  ASSERT_TRUE(decoder->decode(std::string_view(bytes).substr(100), out));
  ASSERT_TRUE(decoder->finish());
  EXPECT_EQ(out.view(), "before " + text);
}

TEST(ContentDecoder, RefusesABombForABuffer) {
  const std::string zeros(16 << 20, '\0');
  const std::string member = deflated(zeros, kGzip);
  std::string bytes;
  for (size_t n = 0; n < ContentDecoder::kDecodedBytesMax; n += zeros.size()) {
    bytes += member;
  }
  const auto decoder = ContentDecoder::create("gzip");
  Buffer out;
  const auto decoded = decoder->decode(bytes, out);
  ASSERT_FALSE(decoded);
  EXPECT_EQ(decoded.error().code, ErrorCode::http_too_large);
  EXPECT_EQ(out.size(), ContentDecoder::kDecodedBytesMax);
}

}  // namespace
}  // namespace molotov::http
