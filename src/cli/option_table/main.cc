// Prints the table of options as JSON, for manuals/generate.py: a program of
// the build, which is not installed.
#include <fmt/format.h>

#include <cstdio>
#include <nlohmann/json.hpp>
#include <string_view>

#include "cli/options.h"

namespace molotov::cli {
namespace {

std::string_view action_name(Action action) {
  switch (action) {
    case Action::store:
      return "store";
    case Action::flag:
      return "flag";
    case Action::count:
      return "count";
    case Action::append:
      return "append";
    case Action::several:
      return "several";
    case Action::help:
      return "help";
  }
  return "";
}

// What a shell can offer for a value: "file", "script" or nothing.
std::string_view value_kind(ValueType type) {
  if (type == ValueType::file) return "file";
  if (type == ValueType::script) return "script";
  return "text";
}

nlohmann::json described(const OptionSpec& spec) {
  nlohmann::json flags = nlohmann::json::array();
  for (const std::string_view flag : {spec.short_flag, spec.long_flag})
    if (!flag.empty()) flags.push_back(flag);
  nlohmann::json values = nlohmann::json::array();
  if (spec.type == ValueType::processes) values.push_back("auto");
  if (spec.dest == "arrival") values = {"constant", "poisson"};
  return {{"flags", flags},
          {"action", action_name(spec.action)},
          {"metavar", spec.metavar()},
          {"kind", value_kind(spec.type)},
          {"values", values},
          {"help", spec.help},
          {"default",
           spec.action == Action::help ? "None" : shown_value(spec, Options())},
          {"variable", spec.variable()}};
}

}  // namespace
}  // namespace molotov::cli

int main() {
  nlohmann::json table = nlohmann::json::array();
  for (const molotov::cli::OptionSpec& spec : molotov::cli::option_table())
    table.push_back(molotov::cli::described(spec));
  fmt::print("{}\n", table.dump(1));
}
