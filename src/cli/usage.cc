#include "cli/usage.h"

#include <fmt/format.h>

#include <algorithm>
#include <sstream>
#include <string_view>
#include <vector>

#include "cli/options.h"

namespace molotov::cli {
namespace {

using Lines = std::vector<std::string>;

constexpr std::string_view kUsage = "usage: ";
constexpr std::string_view kProgram = "molotov";
constexpr std::string_view kEpilog =
    "A duration is a number of seconds, or has units: 500ms, 30s, 5m, 1h30m. "
    "Options may also come from the environment (MOLOTOV_WORKERS=50), which is "
    "weaker than the command line, or from --config, which is stronger.";
constexpr size_t kHelpPositionMax = 24;

// argparse keeps two columns free.
size_t width_of(int columns) {
  return static_cast<size_t>(std::max(columns - 2, 1));
}

std::string value_shape(const OptionSpec& spec) {
  switch (spec.action) {
    case Action::store:
    case Action::append:
      return fmt::format(" {}", spec.metavar());
    case Action::several:
      return fmt::format(" {0} [{0} ...]", spec.metavar());
    case Action::flag:
    case Action::count:
    case Action::help:
      break;
  }
  return "";
}

std::string usage_part(const OptionSpec& spec) {
  if (spec.positional()) return fmt::format("[{}]", spec.metavar());
  const auto flag = spec.short_flag.empty() ? spec.long_flag : spec.short_flag;
  return fmt::format("[{}{}]", flag, value_shape(spec));
}

// Joins words into lines of at most `width`, the first one beginning at
// `first_column`, all others indented.
Lines wrap_parts(const Lines& parts, size_t indent, size_t first_column,
                 size_t width) {
  Lines lines;
  std::string line;
  size_t column = first_column;
  for (const std::string& part : parts) {
    if (!line.empty() && column + part.size() > width) {
      lines.push_back(std::exchange(line, ""));
      column = indent;
    }
    if (!line.empty()) line += ' ';
    line += part;
    column += part.size() + 1;
  }
  if (!line.empty()) lines.push_back(line);
  return lines;
}

std::string join(const Lines& lines, std::string_view separator) {
  return fmt::format("{}", fmt::join(lines, separator));
}

std::string usage_line(size_t width) {
  Lines options, positionals;
  for (const OptionSpec& spec : option_table())
    (spec.positional() ? positionals : options).push_back(usage_part(spec));

  std::string all = fmt::format("{}{} {} {}", kUsage, kProgram,
                                join(options, " "), join(positionals, " "));
  if (all.size() <= width) return all;

  const size_t head = kUsage.size() + kProgram.size();
  if (4 * head <= 3 * width) {
    const std::string indent(head + 1, ' ');
    Lines lines = wrap_parts(options, head + 1, head + 1, width);
    std::ranges::copy(wrap_parts(positionals, head + 1, head + 1, width),
                      std::back_inserter(lines));
    return fmt::format("{}{} {}", kUsage, kProgram, join(lines, "\n" + indent));
  }
  const std::string indent(kUsage.size(), ' ');
  Lines lines = wrap_parts(options, indent.size(), indent.size(), width);
  std::ranges::copy(
      wrap_parts(positionals, indent.size(), indent.size(), width),
      std::back_inserter(lines));
  return fmt::format("{}{}\n{}{}", kUsage, kProgram, indent,
                     join(lines, "\n" + indent));
}

Lines words_of(std::string_view text) {
  std::istringstream stream{std::string(text)};
  Lines words;
  for (std::string word; stream >> word;) words.push_back(word);
  return words;
}

std::string invocation(const OptionSpec& spec) {
  if (spec.positional()) return spec.metavar();
  const std::string shape = value_shape(spec);
  if (spec.short_flag.empty())
    return fmt::format("{}{}", spec.long_flag, shape);
  return fmt::format("{}{}, {}{}", spec.short_flag, shape, spec.long_flag,
                     shape);
}

std::string help_entry(const OptionSpec& spec, size_t position, size_t width) {
  std::string text(spec.help);
  if (spec.action != Action::help)
    text += fmt::format(" (default: {})", shown_value(spec, Options()));
  const size_t room =
      std::max<size_t>(width > position ? width - position : 0, 11);
  const Lines lines = wrap_parts(words_of(text), 0, 0, room);

  std::string head = fmt::format("  {}", invocation(spec));
  if (head.size() + 2 <= position)
    head.resize(position, ' ');
  else
    head += fmt::format("\n{:{}}", "", position);
  return fmt::format("{}{}\n", head,
                     join(lines, fmt::format("\n{:{}}", "", position)));
}

}  // namespace

std::string usage_text(int columns) {
  return usage_line(width_of(columns)) + "\n";
}

std::string help_text(int columns) {
  const size_t width = width_of(columns);
  size_t longest = 0;
  for (const OptionSpec& spec : option_table())
    longest = std::max(longest, invocation(spec).size() + 2);
  const size_t most = std::min(
      kHelpPositionMax, std::max<size_t>(width > 20 ? width - 20 : 0, 4));
  const size_t position = std::min(longest + 2, most);

  std::string positionals, options;
  for (const OptionSpec& spec : option_table())
    (spec.positional() ? positionals : options) +=
        help_entry(spec, position, width);
  return fmt::format(
      "{}\nLoad test.\n\npositional arguments:\n{}\noptions:\n{}\n{}\n",
      usage_text(columns), positionals, options,
      join(wrap_parts(words_of(kEpilog), 0, 0, std::max<size_t>(width, 11)),
           "\n"));
}

}  // namespace molotov::cli
