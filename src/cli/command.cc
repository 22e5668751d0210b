#include "cli/command.h"

#include <unistd.h>

#include <memory>
#include <string>
#include <vector>

#include "cli/arguments.h"
#include "cli/config.h"
#include "cli/descriptors.h"
#include "cli/environment.h"
#include "cli/exit_code.h"
#include "cli/load_options.h"
#include "cli/python.h"
#include "cli/supervisor.h"
#include "cli/terminal.h"
#include "io/epoll_loop.h"
#include "report/json.h"

namespace molotov::cli {
namespace {

// Ends the command, with everything said that there is to say.
int end(Terminal& terminal, ExitCode code) {
  while (!terminal.finish(1h)) {
  }
  return to_int(code);
}

int end(Terminal& terminal, const ArgumentsEnd& why) {
  const auto channel = why.code == ExitCode::ok ? Channel::out : Channel::err;
  terminal.relay(channel, 1, why.text);
  return end(terminal, why.code);
}

void print_lines(Terminal& terminal, const ConfigMessages& messages) {
  for (const std::string& line : messages.out)
    terminal.print(Channel::out, line);
  for (const std::string& line : messages.err)
    terminal.print(Channel::err, line);
}

int fail(Terminal& terminal, const std::string& why) {
  terminal.print(Channel::err, why);
  return end(terminal, ExitCode::failure);
}

// What remains when there is something to run.
int run(Options& options, Terminal& terminal) {
  if (options.config) {
    const auto applied = apply_config(options);
    print_lines(terminal, applied ? *applied : applied.error());
    if (!applied) return end(terminal, ExitCode::failure);
    if (const auto fault = find_fault(options)) return fail(terminal, *fault);
  }
  apply_sizing_defaults(options);
  apply_load_defaults(options);
  release_scenario(options);
  if (const auto enough = provide_descriptors(options); !enough)
    return fail(terminal, enough.error().detail);
  if (options.report)
    if (const auto writable = report::check_report_path(*options.report);
        !writable)
      return fail(terminal, "molotov: " + writable.error().detail);
  const auto python = find_python();
  if (!python) return fail(terminal, python.error().detail);
  auto loop = io::EpollLoop::create();
  if (!loop) return fail(terminal, loop.error().detail);
  auto supervisor = Supervisor::create(options, terminal, **loop);
  if (!supervisor) return fail(terminal, supervisor.error().detail);
  if (!options.quiet)
    terminal.print(Channel::out,
                   "**** Molotov v" MOLOTOV_VERSION ". Happy breaking! ****");
  if (options.uvloop && options.verbose > 0 && !options.quiet)
    terminal.print(Channel::err,
                   "--uvloop: the engine is native, uvloop is not needed");
  const int status = (*supervisor)->run(*python);
  // Neither is destroyed: a signal that comes now, with everything decided,
  // must not have its former effect again.
  [[maybe_unused]] const auto* kept_loop = loop->release();
  [[maybe_unused]] const auto* kept_supervisor = supervisor->release();
  return status;
}

}  // namespace

int command(int argc, char** argv) {
  open_standard_streams();
  // Lives as long as the process: its thread may have to be left behind.
  static auto* const terminal = new Terminal(STDOUT_FILENO, STDERR_FILENO);
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  EnvironmentOptions environment = read_environment(environ);
  auto options = parse_arguments(arguments, output_columns(),
                                 std::move(environment.options));
  if (!options) return end(*terminal, options.error());
  if (options->version) {
    terminal->print(Channel::out, MOLOTOV_VERSION);
    return end(*terminal, ExitCode::ok);
  }
  if (environment.fault)
    return end(*terminal, usage_error(*environment.fault, output_columns()));
  for (const std::string& warning : environment.warnings)
    terminal->print(Channel::err, warning);
  return run(*options, *terminal);
}

}  // namespace molotov::cli
