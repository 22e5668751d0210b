#include "http/utf8.h"

#include <gtest/gtest.h>

#include <string>

namespace molotov::http {
namespace {

using namespace std::string_literals;

TEST(Utf8, Valid) {
  for (const std::string& text :
       {""s, "a"s, "\0"s, "κόσμε"s, "\xc2\x80"s, "\xdf\xbf"s, "\xe0\xa0\x80"s,
        "\xed\x9f\xbf"s, "\xee\x80\x80"s, "\xef\xbf\xbf"s, "\xf0\x90\x80\x80"s,
        "\xf4\x8f\xbf\xbf"s, "\xef\xb7\x90"s, std::string(40, 'x') + "€"})
    EXPECT_TRUE(is_utf8(text)) << testing::PrintToString(text);
}

TEST(Utf8, Invalid) {
  for (const std::string& text : {"\x80"s,
                                  "\xbf"s,
                                  "\xc0\x80"s,
                                  "\xc1\xbf"s,
                                  "\xc2"s,
                                  "\xc2\x41"s,
                                  "\xe0\x80\x80"s,
                                  "\xe0\x9f\xbf"s,
                                  "\xe1\x80"s,
                                  "\xed\xa0\x80"s,
                                  "\xed\xbf\xbf"s,
                                  "\xf0\x80\x80\x80"s,
                                  "\xf0\x8f\xbf\xbf"s,
                                  "\xf0\x90\x80"s,
                                  "\xf4\x90\x80\x80"s,
                                  "\xf5\x80\x80\x80"s,
                                  "\xfe"s,
                                  "\xff"s,
                                  "\xf0\x90\x80\x41"s,
                                  std::string(40, 'x') + "\xe2\x82"})
    EXPECT_FALSE(is_utf8(text)) << testing::PrintToString(text);
}

// A bad byte is found wherever it lies among words of eight.
TEST(Utf8, EveryPlace) {
  for (size_t size = 1; size < 40; size++) {
    for (size_t at = 0; at < size; at++) {
      std::string text(size, 'x');
      EXPECT_TRUE(is_utf8(text));
      text[at] = '\xff';
      EXPECT_FALSE(is_utf8(text)) << size << " " << at;
    }
  }
}

}  // namespace
}  // namespace molotov::http
