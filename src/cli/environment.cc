#include "cli/environment.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <string_view>

#include "cli/assign.h"
#include "cli/literals.h"

namespace molotov::cli {
namespace {

constexpr std::string_view kPrefix = "MOLOTOV_";

std::optional<bool> parse_flag(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(c));
  for (std::string_view on : {"1", "true", "yes", "on"})
    if (text == on) return true;
  for (std::string_view off : {"0", "false", "no", "off"})
    if (text == off) return false;
  return std::nullopt;
}

// Where the first comma is; of a threshold, the first outside the quotes of a
// name.
size_t find_comma(ValueType type, std::string_view text) {
  if (type != ValueType::threshold) return text.find(',');
  bool quoted = false;
  for (size_t i = 0; i < text.size(); i++) {
    if (text[i] == '"') quoted = !quoted;
    if (text[i] == '\\') i++;
    if (i < text.size() && text[i] == ',' && !quoted) return i;
  }
  return text.npos;
}

std::vector<std::string> split(ValueType type, std::string_view text) {
  std::vector<std::string> parts;
  for (;;) {
    const size_t comma = find_comma(type, text);
    if (comma != 0 && !text.empty()) parts.emplace_back(text.substr(0, comma));
    if (comma == std::string_view::npos) return parts;
    text.remove_prefix(comma + 1);
  }
}

// What is wrong with the value; nullopt when it is stored.
std::optional<std::string> store(const OptionSpec& spec, std::string value,
                                 Options& options) {
  if (spec.action == Action::flag) {
    const auto on = parse_flag(value);
    if (!on)
      return fmt::format(
          "invalid flag value: {} (choose from 1, true, yes, on, 0, false, no, "
          "off)",
          repr(value));
    if (!*on) return std::nullopt;
  }
  const bool list =
      spec.action == Action::append || spec.action == Action::several;
  if (const auto wrong = assign(
          spec, options,
          list ? split(spec.type, value) : std::vector{std::move(value)}))
    return wrong;
  options.given.emplace(spec.dest);
  options.environment.emplace(spec.dest);
  return std::nullopt;
}

// Whether one letter too many, too few or another makes the difference.
bool nearly(std::string_view a, std::string_view b) {
  if (a.size() < b.size()) std::swap(a, b);
  if (a.size() - b.size() > 1) return false;
  const size_t start = std::ranges::mismatch(a, b).in1 - a.begin();
  const size_t skipped = a.size() > b.size() ? 0 : 1;
  return a.substr(start + 1) == b.substr(std::min(start + skipped, b.size()));
}

const OptionSpec* find_variable(std::string_view name, auto matches) {
  for (const OptionSpec& spec : option_table())
    if (const std::string variable = spec.variable();
        !variable.empty() && matches(name, variable))
      return &spec;
  return nullptr;
}

}  // namespace

EnvironmentOptions read_environment(const char* const* variables) {
  EnvironmentOptions read;
  for (; *variables; ++variables) {
    const std::string_view entry = *variables;
    if (!entry.starts_with(kPrefix)) continue;
    const size_t equals = std::min(entry.find('='), entry.size());
    const std::string_view name = entry.substr(0, equals);
    const std::string value(entry.substr(std::min(equals + 1, entry.size())));
    if (const auto* spec = find_variable(name, std::equal_to<>())) {
      if (value.empty()) continue;
      const auto wrong = store(*spec, value, read.options);
      if (wrong && !read.fault)
        read.fault = fmt::format("environment variable {}: {}", name, *wrong);
    } else if (const auto* meant = find_variable(name, nearly)) {
      read.warnings.push_back(fmt::format(
          "warning: the environment variable {} is no option of Molotov's; did "
          "you mean {}?",
          name, meant->variable()));
    }
  }
  return read;
}

}  // namespace molotov::cli
