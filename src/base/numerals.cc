#include "base/numerals.h"

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <limits>
#include <span>
#include <string>

namespace molotov {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

std::string_view strip(std::string_view text) {
  auto blank = [](char c) {
    return c == ' ' || (c >= '\t' && c <= '\r') || (c >= 0x1c && c <= 0x1f);
  };
  while (!text.empty() && blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && blank(text.back())) text.remove_suffix(1);
  return text;
}

bool take(std::string_view& text, std::string_view any_of) {
  if (text.empty() || !any_of.contains(text.front())) return false;
  text.remove_prefix(1);
  return true;
}

// Takes digits off the front, single underscores between them.
std::string take_digits(std::string_view& text) {
  std::string digits;
  while (!text.empty()) {
    const bool underscore = text.front() == '_' && !digits.empty() &&
                            text.size() > 1 && is_digit(text[1]);
    if (underscore) text.remove_prefix(1);
    if (!is_digit(text.front())) break;
    digits += text.front();
    text.remove_prefix(1);
  }
  return digits;
}

// Takes "5", "1.5" or ".5", without underscores; empty when there is none.
std::string take_decimal(std::string_view& text) {
  size_t end = 0, points = 0;
  while (end < text.size() && (is_digit(text[end]) || text[end] == '.'))
    points += text[end++] == '.';
  std::string number(text.substr(0, end));
  if (points > 1 || number.size() == points) return "";
  text.remove_prefix(end);
  return number;
}

bool is_word(std::string_view text, std::string_view word) {
  return std::ranges::equal(text, word, {}, [](char c) {
    return static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  });
}

}  // namespace

std::optional<int64_t> parse_int(std::string_view text) {
  text = strip(text);
  const bool negative = text.starts_with('-');
  take(text, "+-");
  const std::string digits = take_digits(text);
  if (digits.empty() || !text.empty()) return std::nullopt;
  using Limits = std::numeric_limits<int64_t>;
  int64_t value = 0;
  for (char c : digits) {
    if (__builtin_mul_overflow(value, 10, &value) ||
        __builtin_sub_overflow(value, c - '0', &value))
      return negative ? Limits::min() : Limits::max();
  }
  if (negative) return value;  // gathered below zero, which reaches further
  return value == Limits::min() ? Limits::max() : -value;
}

std::optional<double> parse_float(std::string_view text) {
  text = strip(text);
  const bool negative = text.starts_with('-');
  take(text, "+-");
  const double sign = negative ? -1 : 1;
  if (is_word(text, "inf") || is_word(text, "infinity"))
    return sign * std::numeric_limits<double>::infinity();
  std::string number = take_digits(text);
  const bool whole = !number.empty();
  if (take(text, ".")) {
    const std::string fraction = take_digits(text);
    if (!whole && fraction.empty()) return std::nullopt;
    number += "." + fraction;
  } else if (!whole) {
    return std::nullopt;
  }
  if (take(text, "eE")) {
    number += text.starts_with('-') ? "e-" : "e";
    take(text, "+-");
    const std::string exponent = take_digits(text);
    if (exponent.empty()) return std::nullopt;
    number += exponent;
  }
  if (!text.empty()) return std::nullopt;
  return sign * std::strtod(number.c_str(), nullptr);
}

std::optional<double> parse_span(std::string_view text) {
  struct Unit {
    std::string_view name;
    double per_second;  // so that 100ms is the very number that 0.1 is
    double seconds;
  };
  constexpr Unit kUnits[] = {{"d", 1, 86400},
                             {"h", 1, 3600},
                             {"m", 1, 60},
                             {"s", 1, 1},
                             {"ms", 1000, 1}};
  std::span<const Unit> units = kUnits;
  double total = 0;
  text = strip(text);
  do {
    const std::string number = take_decimal(text);
    const auto letter = [](char c) { return c >= 'a' && c <= 'z'; };
    const auto length = std::ranges::find_if_not(text, letter) - text.begin();
    const auto unit =
        std::ranges::find(units, text.substr(0, length), &Unit::name);
    if (number.empty() || unit == units.end()) return std::nullopt;
    total +=
        std::strtod(number.c_str(), nullptr) * unit->seconds / unit->per_second;
    units = {unit + 1, units.end()};
    text.remove_prefix(length);
  } while (!text.empty());
  return total;
}

std::optional<double> parse_rate(std::string_view text) {
  text = strip(text);
  double seconds = 1;
  if (text.ends_with("/m")) seconds = 60;
  if (text.ends_with("/s") || text.ends_with("/m")) text.remove_suffix(2);
  const auto number = parse_float(text);
  return number ? std::optional(*number / seconds) : std::nullopt;
}

}  // namespace molotov
