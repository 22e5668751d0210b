// What a Set-Cookie field says: RFC 6265 sections 5.1.1 and 5.2.

#include <algorithm>
#include <array>
#include <chrono>
#include <limits>

#include "http/cookies.h"
#include "http/syntax.h"

namespace molotov::http {

namespace {

// A number of `digits_min` to `digits_max` digits at the front, taken off.
// Nothing where there are fewer or more.
std::optional<int> take_number(std::string_view& text, size_t digits_min,
                               size_t digits_max) {
  size_t digits = 0;
  int number = 0;
  while (digits < text.size() && is_char(text[digits], kDigitChar)) {
    if (++digits > digits_max) return std::nullopt;
    number = number * 10 + (text[digits - 1] - '0');
  }
  if (digits < digits_min) return std::nullopt;
  text.remove_prefix(digits);
  return number;
}

struct TimeOfDay {
  int hour = 0;
  int minute = 0;
  int second = 0;
};

std::optional<TimeOfDay> time_of_day(std::string_view token) {
  std::array<int, 3> numbers{};
  for (size_t i = 0; i < numbers.size(); ++i) {
    if (i > 0) {
      if (!token.starts_with(':')) return std::nullopt;
      token.remove_prefix(1);
    }
    const auto number = take_number(token, 1, 2);
    if (!number) return std::nullopt;
    numbers[i] = *number;
  }
  return TimeOfDay{numbers[0], numbers[1], numbers[2]};
}

// 1 to 12, by the first three letters.
std::optional<int> month(std::string_view token) {
  static constexpr std::array<std::string_view, 12> kMonths = {
      "jan", "feb", "mar", "apr", "may", "jun",
      "jul", "aug", "sep", "oct", "nov", "dec"};
  for (size_t i = 0; i < kMonths.size(); ++i) {
    if (equals_ignoring_case(token.substr(0, 3), kMonths[i])) {
      return static_cast<int>(i + 1);
    }
  }
  return std::nullopt;
}

bool is_date_delimiter(char c) {
  const auto byte = static_cast<uint8_t>(c);
  return byte == '\t' || (byte >= 0x20 && byte <= 0x2f) ||
         (byte >= 0x3b && byte <= 0x40) || (byte >= 0x5b && byte <= 0x60) ||
         (byte >= 0x7b && byte <= 0x7e);
}

std::string_view take_date_token(std::string_view& text) {
  const auto* start = std::ranges::find_if_not(text, is_date_delimiter);
  const auto* end = std::find_if(start, text.end(), is_date_delimiter);
  const std::string_view token(start, end);
  text.remove_prefix(size_t(end - text.begin()));
  return token;
}

// Seconds as an instant, held to what the clock can say.
WallInstant instant_of(int64_t seconds) {
  using std::chrono::duration_cast;
  constexpr auto kLast =
      duration_cast<std::chrono::seconds>(WallInstant::max().time_since_epoch())
          .count();
  if (seconds >= kLast) return kNeverExpires;
  return WallInstant(std::chrono::seconds(std::max<int64_t>(seconds, 0)));
}

WallInstant max_age_from(std::string_view digits, WallInstant now) {
  if (digits.starts_with('-')) return WallInstant();
  int64_t seconds = 0;
  for (char c : digits) {
    if (__builtin_mul_overflow(seconds, 10, &seconds) ||
        __builtin_add_overflow(seconds, c - '0', &seconds)) {
      return kNeverExpires;
    }
  }
  if (seconds == 0) return WallInstant();
  const auto left = std::chrono::duration_cast<std::chrono::seconds>(
      WallInstant::max() - std::max(now, WallInstant()));
  return seconds >= left.count() ? kNeverExpires
                                 : now + std::chrono::seconds(seconds);
}

bool is_max_age(std::string_view text) {
  if (text.starts_with('-')) text.remove_prefix(1);
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return is_char(c, kDigitChar);
  });
}

// The length of a quoted string at the front that is all of the value; 0 where
// there is none.
size_t quoted_bytes(std::string_view text) {
  if (!text.starts_with('"')) return 0;
  for (size_t i = 1; i < text.size(); ++i) {
    if (text[i] == '\\') {
      ++i;
    } else if (text[i] == '"') {
      const std::string_view rest = trim(text.substr(i + 1));
      return rest.empty() || rest.front() == ';' ? i + 1 : 0;
    }
  }
  return 0;
}

// What is before the next ';', both taken off. The ';' of a quoted value is
// passed over where `quotes`.
std::string_view take_attribute(std::string_view& field, bool quotes) {
  size_t from = 0;
  const size_t equals = field.substr(0, field.find(';')).find('=');
  if (quotes && equals != field.npos) {
    const std::string_view value = trim(field.substr(equals + 1));
    if (const size_t bytes = quoted_bytes(value)) {
      from = size_t(value.data() - field.data()) + bytes;
    }
  }
  const size_t end = std::min(field.find(';', from), field.size());
  const std::string_view attribute = field.substr(0, end);
  field.remove_prefix(std::min(end + 1, field.size()));
  return attribute;
}

struct Pair {
  std::string_view name;
  std::string_view value;
};

Pair split_pair(std::string_view text) {
  const size_t equals = std::min(text.find('='), text.size());
  return {trim(text.substr(0, equals)),
          trim(text.substr(std::min(equals + 1, text.size())))};
}

}  // namespace

std::optional<WallInstant> parse_cookie_date(std::string_view text) {
  std::optional<TimeOfDay> found_time;
  std::optional<int> found_day;
  std::optional<int> found_month;
  std::optional<int> found_year;
  while (!text.empty()) {
    std::string_view token = take_date_token(text);
    if (!found_time && (found_time = time_of_day(token))) continue;
    if (!found_day && (found_day = take_number(token, 1, 2))) continue;
    if (!found_month && (found_month = month(token))) continue;
    if (!found_year) found_year = take_number(token, 2, 4);
  }
  if (!found_time || !found_day || !found_month || !found_year) {
    return std::nullopt;
  }
  if (*found_year <= 69) {
    *found_year += 2000;
  } else if (*found_year <= 99) {
    *found_year += 1900;
  }
  const std::chrono::year_month_day date{
      std::chrono::year(*found_year),
      std::chrono::month(static_cast<unsigned>(*found_month)),
      std::chrono::day(static_cast<unsigned>(*found_day))};
  if (!date.ok() || *found_year < 1601 || found_time->hour > 23 ||
      found_time->minute > 59 || found_time->second > 59) {
    return std::nullopt;
  }
  const int64_t days = std::chrono::sys_days(date).time_since_epoch().count();
  return instant_of(((days * 24 + found_time->hour) * 60 + found_time->minute) *
                        60 +
                    found_time->second);
}

std::optional<SetCookie> parse_set_cookie(std::string_view field,
                                          WallInstant now) {
  if (!std::ranges::all_of(field,
                           [](char c) { return is_char(c, kTextChar); })) {
    return std::nullopt;
  }
  const std::string_view first = take_attribute(field, true);
  const Pair pair = split_pair(first);
  if (!first.contains('=') || pair.name.empty()) return std::nullopt;

  SetCookie cookie;
  cookie.name = pair.name;
  cookie.value = pair.value;
  bool has_max_age = false;
  while (!field.empty()) {
    auto [name, value] = split_pair(take_attribute(field, false));
    if (equals_ignoring_case(name, "domain")) {
      if (value.starts_with('.')) value.remove_prefix(1);
      cookie.domain = value.ends_with('.') ? std::string_view() : value;
    } else if (equals_ignoring_case(name, "path")) {
      cookie.path = value.starts_with('/') ? value : std::string_view();
    } else if (equals_ignoring_case(name, "max-age")) {
      if (!is_max_age(value)) continue;
      cookie.expires = max_age_from(value, now);
      has_max_age = true;
    } else if (equals_ignoring_case(name, "expires")) {
      if (has_max_age) continue;
      if (auto date = parse_cookie_date(value)) cookie.expires = *date;
    } else if (equals_ignoring_case(name, "secure")) {
      cookie.secure = true;
    } else if (equals_ignoring_case(name, "httponly")) {
      cookie.http_only = true;
    }
  }
  return cookie;
}

}  // namespace molotov::http
