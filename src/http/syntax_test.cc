// Aim: nothing passes for a name, value or target that could end its line.
#include "http/syntax.h"

#include <gtest/gtest.h>

namespace molotov::http {
namespace {

TEST(Syntax, NothingThatEndsALinePasses) {
  for (int c = 0; c < 256; ++c) {
    const std::string text = {'a', static_cast<char>(c), 'b'};
    const bool control = (c < 0x20 && c != '\t') || c == 0x7f;
    EXPECT_EQ(is_field_value(text), !control) << c;
    EXPECT_EQ(is_request_target(text), c > 0x20 && c < 0x7f) << c;
    if (control || c == ' ' || c == '\t' || c == ':' || c >= 0x80) {
      EXPECT_FALSE(is_token(text)) << c;
    }
  }
}

TEST(Syntax, Tokens) {
  for (const char* token : {"GET", "x-a_b", "!#$%&'*+-.^_`|~09azAZ"}) {
    EXPECT_TRUE(is_token(token)) << token;
  }
  for (const char* other : {"", "a b", "a:", "(a)", "a/b", "\"a\"", "{a}"}) {
    EXPECT_FALSE(is_token(other)) << other;
  }
}

TEST(Syntax, ValuesHaveNoWhiteSpaceAtTheirEnds) {
  for (const char* value : {"", "a", "a \t b", "\xc3\xa9"}) {
    EXPECT_TRUE(is_field_value(value)) << value;
  }
  for (const char* other : {" a", "a ", "\ta", "a\t", " "}) {
    EXPECT_FALSE(is_field_value(other)) << other;
  }
  EXPECT_FALSE(is_request_target(""));
}

TEST(Syntax, ComparesWithoutCase) {
  EXPECT_TRUE(equals_ignoring_case("Content-LENGTH", "content-length"));
  EXPECT_FALSE(equals_ignoring_case("a", "ab"));
  EXPECT_FALSE(equals_ignoring_case("@", "`"));
  EXPECT_FALSE(equals_ignoring_case("[", "{"));
}

TEST(Syntax, Lists) {
  EXPECT_TRUE(list_contains("a, B ,\tc", "b"));
  EXPECT_TRUE(list_contains(",,c", "C"));
  EXPECT_FALSE(list_contains("ab, c d", "c"));
  EXPECT_FALSE(list_contains("", ""));
}

TEST(Syntax, ExcerptsAreShortAndPrintable) {
  EXPECT_EQ(excerpt("a\r\n\x01\xff b"), "\"a\\r\\n\\x01\\xff b\"");
  EXPECT_EQ(excerpt(std::string(50, 'x')),
            "\"" + std::string(40, 'x') + "\"...");
}

}  // namespace
}  // namespace molotov::http
