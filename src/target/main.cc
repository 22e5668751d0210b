#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>

#include "target/options.h"
#include "target/run.h"

namespace {

using molotov::target::Access;

std::string temporary_directory() {
  const char* directory = std::getenv("TMPDIR");
  return directory && *directory ? directory : "/tmp";
}

void announce(const Access& access) {
  if (!access.authority_file.empty())
    fmt::print("authority: {}\n", access.authority_file);
  fmt::print("{}\n", access.url);
  std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
  const auto options = molotov::target::parse_options(
      {argv + 1, static_cast<size_t>(argc > 0 ? argc - 1 : 0)});
  if (!options) {
    fmt::print(stderr, "molotarget: {} (see molotarget --help)\n",
               options.error().detail);
    return 2;
  }
  if (options->help) {
    fmt::print("{}", molotov::target::help_text());
    return 0;
  }
  const auto served =
      molotov::target::run(*options, temporary_directory(), announce);
  if (served) return 0;
  fmt::print(stderr, "molotarget: {}\n", served.error().detail);
  return 1;
}
