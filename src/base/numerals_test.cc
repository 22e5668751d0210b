// Numbers as Python has them. Each row was checked with Python.
#include "base/numerals.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace molotov {
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

TEST(ParseRate, IsASecondsUnlessItSaysAMinutes) {
  const std::pair<const char*, double> rows[] = {
      {"500", 500},    {"500/s", 500}, {"30000/m", 500}, {"1.5/s", 1.5},
      {" 90/m ", 1.5}, {"0", 0},       {"-5/s", -5},     {"1e3/s", 1000},
  };
  for (const auto& [text, value] : rows)
    EXPECT_EQ(parse_rate(text), value) << text;
}

TEST(ParseRate, RefusesWhatIsNone) {
  for (const char* text : {"", "/s", "500/h", "500/", "500s", "5/s/s", "five",
                           "500 /s/m", "/", "nan/s"})
    EXPECT_EQ(parse_rate(text), std::nullopt) << text;
}

}  // namespace
}  // namespace molotov
