#include "cli/arguments.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <optional>
#include <string_view>
#include <vector>

#include "cli/assign.h"
#include "cli/literals.h"
#include "cli/usage.h"

namespace molotov::cli {
namespace {

// Thrown within this file only: wrong arguments, or a wish for help.
struct UsageError {
  std::string message;
};
struct HelpAsked {};

[[noreturn]] void bad(const OptionSpec& spec, std::string_view what) {
  throw UsageError{fmt::format("argument {}: {}", spec.name(), what)};
}

// An argument that looks like an option: what it stands for.
struct Match {
  const OptionSpec* spec = nullptr;  // nullptr: no such option
  std::string flag;                  // as the table spells it
  std::optional<std::string> value;  // what was attached to it
};

bool takes_value(const OptionSpec& spec) {
  return spec.action == Action::store || spec.action == Action::append ||
         spec.action == Action::several;
}

const OptionSpec* find_flag(std::string_view flag) {
  if (flag.empty()) return nullptr;
  for (const OptionSpec& spec : option_table())
    if (flag == spec.short_flag || flag == spec.long_flag) return &spec;
  return nullptr;
}

// -5, -.5, -1.5: values, since no option looks like a number.
bool is_negative_number(std::string_view text) {
  text.remove_prefix(1);
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  const size_t point = text.find('.');
  if (point == std::string_view::npos)
    return !text.empty() && std::ranges::all_of(text, digit);
  const std::string_view fraction = text.substr(point + 1);
  return std::ranges::all_of(text.substr(0, point), digit) &&
         !fraction.empty() && std::ranges::all_of(fraction, digit);
}

std::vector<Match> long_matches(std::string_view argument, Origin origin) {
  const size_t equals = argument.find('=');
  const std::string_view prefix = argument.substr(0, equals);
  std::optional<std::string> value;
  if (equals != std::string_view::npos) value = argument.substr(equals + 1);
  std::vector<Match> found;
  for (const OptionSpec& spec : option_table())
    if (spec.origin == origin && spec.long_flag.starts_with(prefix))
      found.push_back({&spec, std::string(spec.long_flag), value});
  return found;
}

// An option by an abbreviation, or a cluster of short ones.
std::vector<Match> loose_matches(std::string_view argument) {
  if (argument.starts_with("--")) {
    std::vector<Match> found = long_matches(argument, Origin::molotov_2);
    return found.empty() ? long_matches(argument, Origin::ours) : found;
  }
  const OptionSpec* spec = find_flag(argument.substr(0, 2));
  if (!spec) return {};
  return {
      {spec, std::string(spec->short_flag), std::string(argument.substr(2))}};
}

// What an argument before `--` is; nullopt: a value.
std::optional<Match> classify(const std::string& argument) {
  if (argument.size() < 2 || argument[0] != '-') return std::nullopt;
  if (const OptionSpec* spec = find_flag(argument))
    return Match{spec, argument, std::nullopt};
  if (const size_t equals = argument.find('='); equals != std::string::npos) {
    const std::string flag = argument.substr(0, equals);
    if (const OptionSpec* spec = find_flag(flag))
      return Match{spec, flag, argument.substr(equals + 1)};
  }
  const std::vector<Match> matches = loose_matches(argument);
  if (matches.size() > 1) {
    std::vector<std::string> flags;
    flags.reserve(matches.size());
    for (const Match& match : matches) flags.push_back(match.flag);
    throw UsageError{fmt::format("ambiguous option: {} could match {}",
                                 argument, fmt::join(flags, ", "))};
  }
  if (matches.size() == 1) return matches.front();
  if (is_negative_number(argument)) return std::nullopt;
  if (argument.contains(' ')) return std::nullopt;
  return Match{};
}

class Parser {
 public:
  Parser(std::span<const std::string> arguments, Options options)
      : arguments_(arguments), options_(std::move(options)) {}

  Options parse() {
    classify_all();
    size_t next = 0;
    while (next < arguments_.size())
      next = kinds_[next] == 'O' ? take_option(next) : take_plain(next);
    if (!unknown_.empty())
      throw UsageError{
          fmt::format("unrecognized arguments: {}", fmt::join(unknown_, " "))};
    return std::move(options_);
  }

 private:
  // Ambiguous options are found here, before any other mistake.
  void classify_all() {
    bool options_over = false;
    for (const std::string& argument : arguments_) {
      const bool ends_options = !options_over && argument == "--";
      options_over |= ends_options;
      auto match = options_over ? std::nullopt : classify(argument);
      kinds_ += ends_options ? '-' : match ? 'O' : 'A';
      matches_.push_back(std::move(match).value_or(Match()));
    }
  }

  // Plain arguments and `--`: the first one is the scenario, the rest nobody
  // asked for. Returns where to go on.
  size_t take_plain(size_t start) {
    size_t end = std::min(kinds_.find('O', start), kinds_.size());
    if (!scenario_taken_) {
      scenario_taken_ = true;
      size_t next = start;
      if (kinds_[next] == '-') ++next;
      if (next < end && kinds_[next] == 'A')
        apply(*find_option("scenario"), arguments_.subspan(next++, 1));
      if (next < end && kinds_[next] == '-') ++next;
      start = next;
    }
    unknown_.insert(unknown_.end(), arguments_.begin() + start,
                    arguments_.begin() + end);
    return end;
  }

  // An option, or a cluster of them, with its values. Nothing of a cluster
  // takes effect before all of it is understood.
  size_t take_option(size_t start) {
    Match match = matches_[start];
    if (!match.spec) {
      unknown_.push_back(arguments_[start]);
      return start + 1;
    }
    std::vector<const OptionSpec*> cluster;
    while (match.value && !takes_value(*match.spec))
      cluster.push_back(std::exchange(match, next_in_cluster(match)).spec);

    std::vector<std::string> values;
    size_t next = start + 1;
    if (match.value)
      values = {*match.value};
    else
      next = take_values(*match.spec, next, values);
    for (const OptionSpec* spec : cluster) apply(*spec, {});
    apply(*match.spec, values);
    return next;
  }

  static Match next_in_cluster(const Match& match) {
    const std::string& rest = *match.value;
    const bool short_flag = match.flag.size() == 2 && match.flag[1] != '-';
    const std::string flag = "-" + rest.substr(0, 1);
    const OptionSpec* spec =
        short_flag && !rest.empty() ? find_flag(flag) : nullptr;
    if (!spec)
      bad(*match.spec, fmt::format("ignored explicit argument {}", repr(rest)));
    Match next{spec, flag, std::nullopt};
    if (rest.size() > 1) next.value = rest.substr(1);
    return next;
  }

  size_t take_values(const OptionSpec& spec, size_t next,
                     std::vector<std::string>& values) const {
    if (!takes_value(spec)) return next;
    const bool several = spec.action == Action::several;
    while (next < arguments_.size() && kinds_[next] == 'A') {
      values.push_back(arguments_[next++]);
      if (!several) return next;
    }
    if (values.empty())
      bad(spec,
          several ? "expected at least one argument" : "expected one argument");
    return next;
  }

  void apply(const OptionSpec& spec, std::span<const std::string> values) {
    if (spec.action == Action::help) throw HelpAsked();
    // The environment's value goes; what was typed before is added to.
    if (options_.environment.erase(std::string(spec.dest)) > 0)
      reset_option(spec, options_);
    if (const auto wrong = assign(spec, options_, values)) bad(spec, *wrong);
    options_.given.emplace(spec.dest);
  }

  std::span<const std::string> arguments_;
  std::string kinds_;  // an argument each: Option, A value, or `-` for `--`
  std::vector<Match> matches_;
  bool scenario_taken_ = false;
  std::vector<std::string> unknown_;
  Options options_;
};

}  // namespace

ArgumentsEnd usage_error(std::string_view message, int columns) {
  return {ExitCode::usage,
          fmt::format("{}molotov: error: {}\n", usage_text(columns), message)};
}

std::expected<Options, ArgumentsEnd> parse_arguments(
    std::span<const std::string> arguments, int columns, Options environment) {
  try {
    Options options = Parser(arguments, std::move(environment)).parse();
    if (const auto fault = find_fault(options)) throw UsageError{*fault};
    return options;
  } catch (const UsageError& error) {
    return std::unexpected(usage_error(error.message, columns));
  } catch (const HelpAsked&) {
    return std::unexpected(ArgumentsEnd{ExitCode::ok, help_text(columns)});
  }
}

}  // namespace molotov::cli
