// The command line, read with the semantics of Python's argparse, because that
// is what Molotov 2's command lines were written for: flags cluster (-cx,
// -cr1), values follow or come by `=`, any unambiguous beginning of a long
// option stands for it, `--` ends the options, a negative number is a value,
// and errors read to the letter as argparse's.
//
// CLI11 (docs/design names it) does neither prefixes nor argparse's messages,
// and its own rules would have to be switched off one by one; the algorithm
// here is short, and tests/cli/test_argparse.py holds it to the original.
#pragma once

#include <expected>
#include <span>
#include <string>

#include "cli/exit_code.h"
#include "cli/options.h"

namespace molotov::cli {

// Why there is nothing to run: help was asked for, or the arguments are wrong.
struct ArgumentsEnd {
  ExitCode code;
  std::string text;  // for stdout when the code is ok, otherwise for stderr
};

// `arguments` without the program's name; `columns` is the terminal's width,
// for the usage block. What they do not name stays as it is in `environment`.
std::expected<Options, ArgumentsEnd> parse_arguments(
    std::span<const std::string> arguments, int columns,
    Options environment = {});

// A usage error found later, told as the parser tells its own.
ArgumentsEnd usage_error(std::string_view message, int columns);

}  // namespace molotov::cli
