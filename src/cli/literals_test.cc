// Numbers and strings as Python has them. Each row was checked with Python.
#include "cli/literals.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace molotov::cli {
namespace {

constexpr int64_t kLargest = std::numeric_limits<int64_t>::max();
constexpr int64_t kSmallest = std::numeric_limits<int64_t>::min();

TEST(ParseInt, TakesWhatPythonTakes) {
  const std::pair<const char*, int64_t> rows[] = {
      {"0", 0},
      {"007", 7},
      {" \t12\n", 12},
      {"+5", 5},
      {"-5", -5},
      {"1_000", 1000},
      {"9223372036854775807", kLargest},
      {"-9223372036854775808", kSmallest},
      {"9223372036854775808", kLargest},
      {"-9223372036854775809", kSmallest},
      {"99999999999999999999999999", kLargest},
  };
  for (const auto& [text, value] : rows)
    EXPECT_EQ(parse_int(text), value) << text;
}

TEST(ParseInt, RefusesWhatPythonRefuses) {
  for (const char* text : {"", " ", "-", "+", "--1", "+-1", "1.0", "1e3", "x",
                           "1x", "1__0", "_1", "1_", "- 1", "0x10"})
    EXPECT_EQ(parse_int(text), std::nullopt) << text;
}

TEST(ParseFloat, TakesWhatPythonTakes) {
  const std::pair<const char*, double> rows[] = {
      {"0", 0},
      {"5.", 5},
      {".5", .5},
      {"-1.5e-3", -1.5e-3},
      {"1E+2", 100},
      {" 2 ", 2},
      {"1_0.0_1", 10.01},
      {"1e1_0", 1e10},
      {"1e999", HUGE_VAL},
      {"inf", HUGE_VAL},
      {"-Infinity", -HUGE_VAL},
  };
  for (const auto& [text, value] : rows)
    EXPECT_EQ(parse_float(text), value) << text;
}

TEST(ParseFloat, RefusesWhatPythonRefusesAndNan) {
  for (const char* text : {"", ".", "e5", "1e", "1e+", "0x1p3", "1,5", "1.5.2",
                           "infinit", "nan", "-nan", "1_.5", "1._5", "five"})
    EXPECT_EQ(parse_float(text), std::nullopt) << text;
}

TEST(ParseSpan, AddsUpItsUnits) {
  const std::pair<const char*, double> rows[] = {
      {"30s", 30},
      {"5m", 300},
      {"1h30m", 5400},
      {"500ms", .5},
      {"100ms", .1},
      {"1500ms", 1.5},
      {"1.5h", 5400},
      {".5s", .5},
      {"5.m", 300},
      {"2d", 172800},
      {"0s", 0},
      {" 1m1s ", 61},
      {"1d2h3m4s5ms", 93784.005},
  };
  for (const auto& [text, value] : rows)
    EXPECT_DOUBLE_EQ(parse_span(text).value_or(-1), value) << text;
  EXPECT_EQ(parse_span("100ms"), .1);
}

TEST(ParseSpan, RefusesWhatIsNone) {
  for (const char* text :
       {"", " ", "5", "1.5", "s", ".s", "1.5.2s", "-5s", "+5s", "5x", "5sec",
        "30m1h", "1s1s", "5s5", "1h 30m", "5S", "1e3s", "1_0s", "infs"})
    EXPECT_EQ(parse_span(text), std::nullopt) << text;
}

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
