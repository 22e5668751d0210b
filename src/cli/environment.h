// Options from the environment: MOLOTOV_WORKERS=50 stands for `-w 50` where
// the command line does not say otherwise.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/options.h"

namespace molotov::cli {

struct EnvironmentOptions {
  Options options;
  // The first value that could not be used, as a usage error.
  std::optional<std::string> fault;
  // Variables that are almost, but not quite, those of an option: a line each.
  std::vector<std::string> warnings;
};

// `variables` as `environ` has them, up to a null pointer. An empty value
// stands for none. A flag takes 1, true, yes, on and 0, false, no, off; a list
// is separated by commas.
EnvironmentOptions read_environment(const char* const* variables);

}  // namespace molotov::cli
