// Strings as Python's repr() has them. Each row was checked with Python.
#include "cli/literals.h"

#include <gtest/gtest.h>

#include <string_view>
#include <utility>

namespace molotov::cli {
namespace {

TEST(Repr, ReadsAsPythons) {
  const std::pair<std::string_view, const char*> rows[] = {
      {"", "''"},
      {"x", "'x'"},
      {"it's", R"("it's")"},
      {R"(say "no")", R"('say "no"')"},
      {R"(it's "no")", R"('it\'s "no"')"},
      {"a\\b\n\r\t", R"('a\\b\n\r\t')"},
      {std::string_view("\0\x1f\x7f", 3), R"('\x00\x1f\x7f')"},
      {"é€😀", "'é€😀'"},
      {"\xc2\x85\xc2\xa0\xc2\xad", R"('\x85\xa0\xad')"},
      {"\xff", R"('\udcff')"},
      {"\xe2\x82", R"('\udce2\udc82')"},
      {"\xc0\xaf", R"('\udcc0\udcaf')"},
      {"\xed\xa0\x80", R"('\udced\udca0\udc80')"},
  };
  for (const auto& [text, shown] : rows) EXPECT_EQ(repr(text), shown);
}

}  // namespace
}  // namespace molotov::cli
