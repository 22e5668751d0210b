// The usage block and the help, laid out as Python's argparse does.
#pragma once

#include <string>

namespace molotov::cli {

// "usage: molotov [-h] ...", wrapped for a terminal of so many columns; ends
// with a newline.
std::string usage_text(int columns);

// What --help prints.
std::string help_text(int columns);

}  // namespace molotov::cli
