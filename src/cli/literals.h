// Strings spelt as Python's repr() spells them, for messages that must read as
// Molotov 2's.
#pragma once

#include <string>
#include <string_view>

namespace molotov::cli {

// As repr(text) of a str; bytes that are not UTF-8 show as the surrogates that
// Python reads them as.
std::string repr(std::string_view text);

}  // namespace molotov::cli
