// Aim: a name that is not in ASCII is the one that yarl makes of it, whose
// answers (those of its version 1.25) these are, or is refused.
#include "http/idna.h"

#include <gtest/gtest.h>

namespace molotov::http {
namespace {

struct Row {
  std::string_view host;
  std::string_view ascii;
};

TEST(AsciiHost, IsWhatYarlMakes) {
  constexpr Row kRows[] = {
      {"bücher.example", "xn--bcher-kva.example"},
      {"BÜCHER.Example", "xn--bcher-kva.example"},
      {"straße.de", "xn--strae-oqa.de"},
      {"ς.gr", "xn--3xa.gr"},
      {"日本語.jp", "xn--wgv71a119e.jp"},
      {"例え。テスト", "xn--r8jz45g.xn--zckzah"},
      {"مثال.إختبار", "xn--mgbh0fb.xn--kgbechtv"},
      {"e\u0301.com", "xn--9ca.com"},
      {"ａｂｃ.com", "abc.com"},
      {"１２７.0.0.1", "127.0.0.1"},
      {"ﬁ.com", "fi.com"},
      {"ü.com.", "xn--tda.com."},
      {"xn--bcher-kva.ü", "xn--bcher-kva.xn--tda"},
      {"a_ü.com", "xn--a_-yka.com"},
      // Of IDNA 2003.
      {"☃.net", "xn--n3h.net"},
      {"👍.com", "xn--yp8h.com"},
  };
  for (const Row& row : kRows) {
    const auto ascii = ascii_host(row.host);
    ASSERT_TRUE(ascii) << row.host << ascii.error().detail;
    EXPECT_EQ(*ascii, row.ascii) << row.host;
  }
}

TEST(AsciiHost, RefusesWhatIsNone) {
  const std::string long_label = "ü" + std::string(64, 'a') + ".com";
  const Row rows[] = {
      {"\xfc.com", "host that is not UTF-8"},
      {"a\u200db.com", "character that is not seen"},
      {"ü\u00ad.com", "character that is not seen"},
      {"x\U000e0041.com", "character that is not seen"},
      {"ü..com", "empty part of a host"},
      {".ü.com", "empty part of a host"},
      {"xn--ü.com", "no international name, "},
      {long_label, "no international name, "},
  };
  for (const Row& row : rows) {
    const auto ascii = ascii_host(row.host);
    ASSERT_FALSE(ascii) << row.host << *ascii;
    EXPECT_EQ(ascii.error().code, ErrorCode::http_invalid_url);
    EXPECT_TRUE(ascii.error().detail.starts_with(row.ascii))
        << ascii.error().detail;
  }
}

}  // namespace
}  // namespace molotov::http
