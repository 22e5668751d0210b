// Numbers and strings spelt as Python spells them: what int() and float() take,
// and what repr() makes, for messages that must read as Molotov 2's.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace molotov::cli {

// As int(text): blanks around it, a sign, digits, single underscores between
// digits. Beyond 64 bits it is the largest (smallest) number.
std::optional<int64_t> parse_int(std::string_view text);

// As float(text), but for nan, which no option can mean.
std::optional<double> parse_float(std::string_view text);

// Seconds of a span with its units: "500ms", "30s", "1h30m", "1.5h", "2d".
// Units come once each, the largest first; a bare number is none.
std::optional<double> parse_span(std::string_view text);

// As repr(text) of a str; bytes that are not UTF-8 show as the surrogates that
// Python reads them as.
std::string repr(std::string_view text);

}  // namespace molotov::cli
