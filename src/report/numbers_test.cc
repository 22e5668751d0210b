#include "report/numbers.h"

#include <gtest/gtest.h>

namespace molotov::report {
namespace {

TEST(WithCommas, GroupsThousands) {
  EXPECT_EQ(with_commas(0), "0");
  EXPECT_EQ(with_commas(999), "999");
  EXPECT_EQ(with_commas(1000), "1,000");
  EXPECT_EQ(with_commas(1234567), "1,234,567");
}

TEST(Numbers, ShortCounts) {
  const struct {
    uint64_t number;
    const char* text;
  } rows[] = {{0, "0"},
              {999'999, "999,999"},
              {1'000'000, "1.00M"},
              {9'996'000, "10.0M"},
              {123'456'789, "123M"},
              {999'600'000, "1.00G"},
              {45'600'000'000, "45.6G"}};
  for (const auto& row : rows) EXPECT_EQ(short_count(row.number), row.text);
}

TEST(Numbers, ShortTimes) {
  const struct {
    Duration span;
    const char* text;
  } rows[] = {{1us, "1.00us"},     {Duration(9'996), "10.0us"},
              {999us, "999us"},    {Duration(999'600), "1.00ms"},
              {12345us, "12.3ms"}, {1500ms, "1.50s"},
              {1h, "3600s"}};
  for (const auto& row : rows) EXPECT_EQ(short_time(row.span), row.text);
}

TEST(Numbers, ShortValues) {
  const struct {
    double value;
    const char* text;
  } rows[] = {{0, "0"},
              {-0.0, "0"},
              {12.5, "12.5"},
              {-0.001234, "-0.00123"},
              {0.000012345, "1.2e-05"},
              {999.4, "999"},
              {999.6, "1,000"},
              {-123'456, "-123,456"},
              {1e6, "1.00M"},
              {-45.67e9, "-45.7G"},
              {999.4e12, "999T"},
              {1e15, "1.0e+15"}};
  for (const auto& row : rows) EXPECT_EQ(short_value(row.value), row.text);
}

TEST(Numbers, ShortRates) {
  EXPECT_EQ(short_rate(0.254), "0.25");
  EXPECT_EQ(short_rate(12.34), "12.3");
  EXPECT_EQ(short_rate(999.6), "1,000");
  EXPECT_EQ(short_rate(123456.7), "123k");
  EXPECT_EQ(short_rate(999'600), "1.00M");
  EXPECT_EQ(short_rate(1234567), "1.23M");
}

}  // namespace
}  // namespace molotov::report
