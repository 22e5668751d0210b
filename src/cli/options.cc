#include "cli/options.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <limits>
#include <system_error>

#include "base/numerals.h"
#include "cli/literals.h"
#include "cli/load_options.h"
#include "metrics/threshold.h"

namespace molotov::cli {
namespace {

using enum Action;
using enum ValueType;

// clang-format off
const OptionSpec kTable[] = {
    {"help", "-h", "--help", Action::help, text, &Options::version,
     "show this help message and exit"},
    {"scenario", "", "", store, script, &Options::scenario,
     "path or module name that contains scenarios; with --config, the name of the test"},
    {"single_run", "", "--single-run", flag, text, &Options::single_run,
     "every worker runs each scenario once, in the order of the script, then ends"},
    {"single_mode", "-s", "--single-mode", store, text, &Options::single_mode,
     "name of the one scenario to run"},
    {"config", "", "--config", store, file, &Options::config,
     "path of a JSON configuration file"},
    {"version", "", "--version", flag, text, &Options::version,
     "print the version and exit"},
    {"debug", "", "--debug", flag, text, &Options::debug,
     "run asyncio in its debug mode, which names what blocks the loop"},
    {"verbose", "-v", "--verbose", count, text, &Options::verbose,
     "say what workers do; twice: print all requests and responses"},
    {"workers", "-w", "--workers", store, integer, &Options::workers,
     "number of workers per process"},
    {"ramp_up", "", "--ramp-up", store, seconds, &Options::ramp_up,
     "seconds over which the workers are started"},
    {"sizing", "", "--sizing", flag, text, &Options::sizing,
     "find out how many workers the service stands: 500 of them are started "
     "in 300 seconds, or as --workers and --ramp-up say"},
    {"sizing_tolerance", "", "--sizing-tolerance", store, real, &Options::sizing_tolerance,
     "percentage of failed runs at which --sizing ends"},
    {"delay", "", "--delay", store, seconds, &Options::delay,
     "seconds that a worker sleeps after each run"},
    {"console_update", "", "--console-update", store, seconds, &Options::console_update,
     "seconds between two updates of the console"},
    {"processes", "-p", "--processes", store, ValueType::processes, &Options::processes,
     "number of processes; auto: one for each core that may be used"},
    {"duration", "-d", "--duration", store, whole_seconds, &Options::duration,
     "seconds that each worker runs"},
    {"max_runs", "-r", "--max-runs", store, integer, &Options::max_runs,
     "runs after which a worker ends"},
    {"quiet", "-q", "--quiet", flag, text, &Options::quiet,
     "print nothing"},
    {"exception", "-x", "--exception", flag, text, &Options::exception,
     "stop at the first failed run"},
    {"fail", "-f", "--fail", store, integer, &Options::fail,
     "number of failed runs from which on the exit status is 1"},
    {"console", "-c", "--console", flag, text, &Options::console,
     "print plain lines only"},
    {"statsd", "", "--statsd", flag, text, &Options::statsd,
     "send metrics to statsd"},
    {"statsd_address", "", "--statsd-address", store, text, &Options::statsd_address,
     "address of the statsd server"},
    {"uvloop", "", "--uvloop", flag, text, &Options::uvloop,
     "accepted, and not needed: the engine is native"},
    {"use_extension", "", "--use-extension", several, script, &Options::use_extension,
     "paths or names of modules to load before the scenario"},
    {"force_shutdown", "", "--force-shutdown", flag, text, &Options::force_shutdown,
     "cancel the runs that are in progress when the duration is over"},
    {"connect_to", "", "--connect-to", append, text, &Options::connect_to,
     "HOST:PORT:HOST:PORT; connect to the second host and port for requests to "
     "the first; may be given several times",
     Origin::ours},
    {"cacert", "", "--cacert", store, file, &Options::cacert,
     "PEM file of the authorities to trust instead of the system's",
     Origin::ours},
    {"insecure", "", "--insecure", flag, text, &Options::insecure,
     "do not verify certificates",
     Origin::ours},
    {"dry_run", "", "--dry-run", flag, text, &Options::dry_run,
     "load the script, list its scenarios and fixtures, send nothing",
     Origin::ours},
    {"fail_on_any", "", "--fail-on-any", flag, text, &Options::fail_on_any,
     "exit with status 1 when any run failed",
     Origin::ours},
    {"grace", "", "--grace", store, seconds, &Options::grace,
     "how long runs that are in progress at the end may take before they are "
     "cancelled",
     Origin::ours},
    {"summary", "", "--summary", flag, text, &Options::summary,
     "print the table of results in spite of --quiet or --console",
     Origin::ours},
    {"report", "", "--report", store, file, &Options::report,
     "FILE.json to which the results are written at the end",
     Origin::ours},
    {"show_secrets", "", "--show-secrets", flag, text, &Options::show_secrets,
     "let -vv print passwords, tokens and cookies too",
     Origin::ours},
    {"rate", "", "--rate", store, ValueType::rate, &Options::rate,
     "runs to begin a second (or N/m, a minute), in all processes together, "
     "however long they take; --workers is how many may be in progress in a process",
     Origin::ours},
    {"arrival", "", "--arrival", store, text, &Options::arrival,
     "of a rate, whether runs begin evenly (constant) or at random (poisson)",
     Origin::ours},
    {"stages", "", "--stages", store, text, &Options::stages,
     "DURATION:LEVEL,...; numbers of workers, or rates (N/s, N/m), to go to "
     "evenly, one after the other, from 0",
     Origin::ours},
    {"warmup", "", "--warmup", store, seconds, &Options::warmup,
     "seconds before the duration whose runs are counted apart",
     Origin::ours},
    {"seed", "", "--seed", store, integer, &Options::seed,
     "number to draw scenarios, arrivals and Python's random numbers by, so that "
     "they are the same each time",
     Origin::ours},
    {"threshold", "", "--threshold", append, ValueType::threshold, &Options::threshold,
     "what a figure of the run must satisfy, such as 'p99 < 250ms': the exit "
     "status is 99 when it does not; may be given several times",
     Origin::ours},
    {"abort_on_threshold", "", "--abort-on-threshold", store, seconds, &Options::abort_on_threshold,
     "stop as soon as a threshold is crossed, from so many seconds after the "
     "start on",
     Origin::ours},
};
// clang-format on

// As Python's str() of the value.
std::string python_text(const nlohmann::json& value) {
  if (value.is_null()) return "None";
  if (value.is_boolean()) return value.get<bool>() ? "True" : "False";
  if (value.is_string()) return value.get<std::string>();
  return value.dump();
}

// JSON has no infinity; the largest number means the same to whoever waits for
// so many seconds.
nlohmann::json finite(double value) {
  constexpr double kLargest = std::numeric_limits<double>::max();
  return std::clamp(value, -kLargest, kLargest);
}

nlohmann::json value_of(const OptionSpec& spec, const Options& options) {
  return std::visit(
      [&](auto member) -> nlohmann::json {
        const auto& value = options.*member;
        using T = std::decay_t<decltype(value)>;
        if constexpr (std::is_same_v<T, double>) {
          const bool whole = value == std::trunc(value);
          if (spec.type == whole_seconds && whole && std::abs(value) < 0x1p63)
            return static_cast<int64_t>(value);
          return finite(value);
        } else if constexpr (std::is_same_v<T, std::optional<double>>) {
          return value ? finite(*value) : nlohmann::json();
        } else if constexpr (requires { value.has_value(); }) {
          return value ? nlohmann::json(*value) : nlohmann::json();
        } else {
          return value;
        }
      },
      spec.field);
}

bool is_port(std::string_view text) {
  const bool digits =
      std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
  const auto port = parse_int(text);
  return digits && port && *port >= 1 && *port <= 65535;
}

// Takes a host, which may be an IPv6 address in brackets, or a port.
std::string_view take_part(std::string_view& text) {
  const size_t bracket = text.starts_with('[') ? text.find(']') : 0;
  const size_t end = text.find(':', bracket);
  const std::string_view part = text.substr(0, end);
  text.remove_prefix(part.size());
  return part;
}

// HOST:PORT:HOST:PORT; parts may be empty, as with curl.
bool is_connect_to(std::string_view text) {
  for (int i = 0; i < 4; ++i) {
    if (i > 0) {
      if (!text.starts_with(':')) return false;
      text.remove_prefix(1);
    }
    const std::string_view part = take_part(text);
    if (part.starts_with('[') && !part.ends_with(']')) return false;
    if (i % 2 == 1 && !part.empty() && !is_port(part)) return false;
  }
  return text.empty();
}

// udp://HOST:PORT, as molotov.statsd reads it: of a URL, host and port count,
// and either may be missing.
bool is_statsd_address(std::string_view text) {
  if (const size_t scheme = text.find("//"); scheme != std::string_view::npos)
    text.remove_prefix(scheme + 2);
  text = text.substr(0, text.find_first_of("/?#"));
  if (const size_t user = text.rfind('@'); user != std::string_view::npos)
    text.remove_prefix(user + 1);
  const std::string_view host = take_part(text);
  if (host.starts_with('[') && !host.ends_with(']')) return false;
  if (text.starts_with(':')) text.remove_prefix(1);
  return text.empty() || is_port(text);
}

// In argparse's words.
std::string fault_of(const Options& options, std::string_view dest,
                     std::string_view what) {
  return fmt::format("{}: {}", source_of(options, dest), what);
}

}  // namespace

std::string OptionSpec::name() const {
  if (positional()) return std::string(dest);
  if (short_flag.empty()) return std::string(long_flag);
  return fmt::format("{}/{}", short_flag, long_flag);
}

std::string OptionSpec::metavar() const {
  std::string text(dest);
  if (positional()) return text;
  for (char& c : text) c = static_cast<char>(std::toupper(c));
  return text;
}

std::string OptionSpec::variable() const {
  // MOLOTOV_VERSION is what a build file may well call the version it wants.
  if (action == Action::help || dest == "version") return "";
  std::string text = "MOLOTOV_" + std::string(dest);
  for (char& c : text) c = static_cast<char>(std::toupper(c));
  return text;
}

std::span<const OptionSpec> option_table() {
  return kTable;
}

const OptionSpec* find_option(std::string_view dest) {
  for (const OptionSpec& spec : kTable)
    if (spec.dest == dest && spec.action != Action::help) return &spec;
  return nullptr;
}

std::string source_of(const Options& options, std::string_view dest) {
  const OptionSpec& spec = *find_option(dest);
  if (options.environment.contains(dest))
    return fmt::format("environment variable {}", spec.variable());
  const auto place = options.places.find(dest);
  return fmt::format("{}argument {}",
                     place == options.places.end() ? "" : place->second + ": ",
                     spec.name());
}

std::optional<std::string> find_fault(const Options& options) {
  for (const std::string& text : options.connect_to)
    if (!is_connect_to(text))
      return fault_of(
          options, "connect_to",
          fmt::format("must be HOST:PORT:HOST:PORT: {}", repr(text)));
  for (const std::string& text : options.threshold)
    if (const auto read = metrics::parse_threshold(text); !read)
      return fault_of(options, "threshold",
                      metrics::point_at(text, read.error()));
  // A configuration that is still to be read may have them.
  const bool complete = !options.config || !options.places.empty();
  if (options.abort_on_threshold && options.threshold.empty() && complete)
    return fault_of(options, "abort_on_threshold", "needs a --threshold");
  if (options.insecure && options.cacert) {
    const OptionFault fault = clash(options, "cacert", "insecure");
    return fault_of(options, fault.dest, fault.what);
  }
  if (options.cacert && access(options.cacert->c_str(), R_OK) != 0)
    return fault_of(options, "cacert",
                    fmt::format("can't open {}: {}", repr(*options.cacert),
                                std::strerror(errno)));
  if (options.statsd && !is_statsd_address(options.statsd_address))
    return fault_of(options, "statsd_address",
                    fmt::format("must be udp://HOST:PORT: {}",
                                repr(options.statsd_address)));
  if (const auto fault = find_load_fault(options))
    return fault_of(options, fault->dest, fault->what);
  return std::nullopt;
}

void reset_option(const OptionSpec& spec, Options& options) {
  static const Options kDefaults;
  std::visit([&](auto member) { options.*member = kDefaults.*member; },
             spec.field);
}

std::string shown_value(const OptionSpec& spec, const Options& options) {
  const nlohmann::json value = value_of(spec, options);
  // argparse's default of an option that appends is None.
  if (value.is_array() && value.empty()) return "None";
  return python_text(value);
}

nlohmann::json options_to_json(const Options& options) {
  nlohmann::json result = options.extra;
  for (const OptionSpec& spec : kTable)
    if (spec.action != Action::help)
      result[std::string(spec.dest)] = value_of(spec, options);
  return result;
}

void apply_sizing_defaults(Options& options) {
  if (!options.sizing) return;
  if (!options.given.contains("workers")) options.workers = 500;
  if (!options.given.contains("ramp_up")) options.ramp_up = 300;
}

void release_scenario(Options& options) {
  namespace fs = std::filesystem;
  auto& extensions = options.use_extension;
  if (options.given.contains("scenario") || options.config) return;
  if (options.environment.contains("use_extension")) return;
  if (!extensions || extensions->size() < 2) return;
  std::error_code ignored;
  const bool there = fs::exists(options.scenario, ignored);
  if (there && !fs::equivalent(options.scenario, extensions->back(), ignored))
    return;
  options.scenario = std::move(extensions->back());
  extensions->pop_back();
}

}  // namespace molotov::cli
