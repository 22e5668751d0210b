// What single bytes and words of HTTP may be (RFC 9110 section 5.6), for
// parsers and for whoever writes a request: nothing that fails these checks may
// be put on a connection, or a value could smuggle in a line of its own.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace molotov::http {

inline constexpr uint8_t kTokenChar = 1;   // of names and methods
inline constexpr uint8_t kTextChar = 2;    // of values: no control but tab
inline constexpr uint8_t kTargetChar = 4;  // of a request target: visible ASCII
inline constexpr uint8_t kDigitChar = 8;
inline constexpr uint8_t kHexChar = 16;

// For each byte which of the above it is.
extern const std::array<uint8_t, 256> kCharClasses;

inline bool is_char(char c, uint8_t classes) {
  return kCharClasses[static_cast<uint8_t>(c)] & classes;
}

// A method or a field name: one or more token characters.
bool is_token(std::string_view text);

// May stand as a field's value: no CR, LF, NUL or other control but tab, no
// white space at either end.
bool is_field_value(std::string_view text);

// May stand in a request line: visible ASCII, at least one byte.
bool is_request_target(std::string_view text);

// 0 to 15, REQUIRES: c is a hexadecimal digit.
inline unsigned hex_value(char c) {
  return c <= '9' ? unsigned(c - '0') : unsigned((c | 0x20) - 'a' + 10);
}

inline char to_lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
}

// Equal but for the case of ASCII letters.
bool equals_ignoring_case(std::string_view a, std::string_view b);

// Without spaces and tabs at both ends.
std::string_view trim(std::string_view text);

// Takes the next element off a comma-separated list, trimmed, maybe empty.
// Knows nothing of quotes. REQUIRES: !list.empty().
std::string_view take_list_element(std::string_view& list);

// Whether a comma-separated list has that element, compared without case.
bool list_contains(std::string_view list, std::string_view element);

// The beginning of `text` in quotes, what is not printable escaped: for
// messages to a person.
std::string excerpt(std::string_view text);

}  // namespace molotov::http
