// An option's value from words, as the command line and the environment have
// it.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "cli/options.h"

namespace molotov::cli {

// Stores what an option was given in the member that the table names. Returns
// what is wrong with it in argparse's words ("invalid int value: 'x'"); nullopt
// when it is stored.
// REQUIRES: at least one value where the option takes one.
std::optional<std::string> assign(const OptionSpec& spec, Options& options,
                                  std::span<const std::string> values);

// What a text stands for as a value of this type; nullopt: it is none.
std::optional<int64_t> whole_number(ValueType type, std::string_view text);
std::optional<double> real_number(ValueType type, std::string_view text);

}  // namespace molotov::cli
