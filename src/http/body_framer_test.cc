#include "http/body_framer.h"

#include <gtest/gtest.h>

#include "http/testing.h"

namespace molotov::http {
namespace {

std::string framed(PieceSource& source) {
  BodyFramer framer(&source);
  Buffer out;
  while (!framer.done()) {
    const auto filled = framer.fill(out);
    EXPECT_TRUE(filled.has_value() && *filled);
    if (!filled) break;
  }
  return std::string(out.view());
}

TEST(BodyFramer, SizeKnownIsSentAsItIs) {
  PieceSource source({"ab", "cde"}, 5);
  source.end();
  EXPECT_EQ(framed(source), "abcde");
}

TEST(BodyFramer, SizeUnknownIsChunked) {
  PieceSource source({"ab", std::string(26, 'x')});
  source.end();
  EXPECT_EQ(framed(source),
            "2\r\nab\r\n1a\r\n" + std::string(26, 'x') + "\r\n0\r\n\r\n");
}

TEST(BodyFramer, EmptyBodies) {
  PieceSource unknown({}), known({}, 0);
  unknown.end();
  known.end();
  EXPECT_EQ(framed(unknown), "0\r\n\r\n");
  EXPECT_EQ(framed(known), "");
}

TEST(BodyFramer, WaitsForItsSource) {
  PieceSource source({"ab"});
  BodyFramer framer(&source);
  Buffer out;
  EXPECT_TRUE(*framer.fill(out));
  EXPECT_FALSE(*framer.fill(out));
  EXPECT_FALSE(framer.done());
  source.add("c");
  EXPECT_TRUE(*framer.fill(out));
  EXPECT_EQ(out.view(), "2\r\nab\r\n1\r\nc\r\n");
}

TEST(BodyFramer, HoldsTheSourceToItsSize) {
  for (const uint64_t size : {4, 6}) {
    PieceSource source({"ab", "cde"}, size);
    source.end();
    BodyFramer framer(&source);
    Buffer out;
    EXPECT_TRUE(framer.fill(out).has_value());
    auto last = framer.fill(out);
    if (last) last = framer.fill(out);
    ASSERT_FALSE(last.has_value());
    EXPECT_EQ(last.error().code, ErrorCode::invalid_argument);
  }
}

}  // namespace
}  // namespace molotov::http
