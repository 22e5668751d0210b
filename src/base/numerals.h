// Numbers as people write them in options, spelt as Python's int() and float()
// take them, and spans of time with units.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace molotov {

// As int(text): blanks around it, a sign, digits, single underscores between
// digits. Beyond 64 bits it is the largest (smallest) number.
std::optional<int64_t> parse_int(std::string_view text);

// As float(text), but for nan, which no option can mean.
std::optional<double> parse_float(std::string_view text);

// Seconds of a span with its units: "500ms", "30s", "1h30m", "1.5h", "2d".
// Units come once each, the largest first; a bare number is none.
std::optional<double> parse_span(std::string_view text);

// Events per second of a rate: "500", "500/s", "30000/m".
std::optional<double> parse_rate(std::string_view text);

}  // namespace molotov
