// The configuration file of --config: {"molotov": {"tests": {NAME: {...}}}},
// where the positional argument names the test. What the test says wins over
// the command line.
#pragma once

#include <expected>
#include <string>
#include <vector>

#include "cli/options.h"

namespace molotov::cli {

// What there is to say; lines without their end.
struct ConfigMessages {
  std::vector<std::string> out;  // what Molotov 2 printed, for stdout
  std::vector<std::string> err;  // ours: places and reasons
};

// Applies the test that `options` names to them; the warnings of that are
// returned. Fails, leaving `options` half changed, when the file cannot be
// used.
std::expected<ConfigMessages, ConfigMessages> apply_config(Options& options);

}  // namespace molotov::cli
