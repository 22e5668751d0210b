#include "report/numbers.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace molotov::report {

std::string with_commas(uint64_t number) {
  const std::string digits = fmt::to_string(number);
  std::string text;
  for (size_t i = 0; i < digits.size(); ++i) {
    if (i > 0 && (digits.size() - i) % 3 == 0) text += ',';
    text += digits[i];
  }
  return text;
}

namespace {

std::string three_digits(double number) {
  // What rounds up to 10 and 100 has a digit less behind the point.
  const int places = number < 9.995 ? 2 : number < 99.95 ? 1 : 0;
  return fmt::format("{:.{}f}", number, places);
}

}  // namespace

std::string short_count(uint64_t number) {
  constexpr uint64_t kWhole = 1'000'000;
  if (number < kWhole) return with_commas(number);
  const auto exact = static_cast<double>(number);
  if (exact < 999.5e6) return three_digits(exact / 1e6) + "M";
  return three_digits(exact / 1e9) + "G";
}

std::string short_time(Duration span) {
  const auto ns = static_cast<double>(span.count());
  if (ns < 999.5e3) return three_digits(ns / 1e3) + "us";
  if (ns < 999.5e6) return three_digits(ns / 1e6) + "ms";
  return three_digits(ns / 1e9) + "s";
}

std::string short_rate(double per_second) {
  if (per_second >= 99'999.5 && per_second < 999.5e3)
    return three_digits(per_second / 1e3) + "k";
  if (per_second >= 999.5e3) per_second = std::max(per_second, 1e6);
  if (per_second >= 999.5)
    return short_count(static_cast<uint64_t>(std::llround(per_second)));
  return three_digits(per_second);
}

std::string short_value(double value) {
  const double size = std::abs(value);
  if (size == 0) return "0";
  if (size < 1e-3 || size >= 999.5e12) return fmt::format("{:.1e}", value);
  if (size < 999.5) return fmt::format("{:.3g}", value);
  const char* const sign = value < 0 ? "-" : "";
  if (size < 999'999.5)
    return sign + with_commas(static_cast<uint64_t>(std::llround(size)));
  if (size < 999.5e6) return sign + three_digits(size / 1e6) + "M";
  if (size < 999.5e9) return sign + three_digits(size / 1e9) + "G";
  return sign + three_digits(size / 1e12) + "T";
}

}  // namespace molotov::report
