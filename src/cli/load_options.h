// The options that say what the load is like: which of them go together, and
// what they mean for others.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "cli/options.h"

namespace molotov::cli {

// What is wrong with an option, in argparse's words.
struct OptionFault {
  std::string_view dest;
  std::string what;
};

// Two options that contradict each other. Of both it is the one that the
// configuration has, where it has one.
OptionFault clash(const Options& options, std::string_view dest,
                  std::string_view other);

std::optional<OptionFault> find_load_fault(const Options& options);

// With --rate, or --stages of one, -w is how many workers there may be: 10,000
// where it does not say, or fewer where descriptors do not suffice. With
// --stages the duration, and the number of workers, are theirs.
// REQUIRES: find_load_fault() found none.
void apply_load_defaults(Options& options);

}  // namespace molotov::cli
