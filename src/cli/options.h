// What the user asked for, and the table of options behind it.
//
// The table is the one place that knows an option: the command line
// (arguments.h), the help (usage.h), the configuration file (config.h), what
// the Python process is told (options_to_json), the manual page and the
// completion in shells (option_table/main.cc) all go by it. Options that
// Molotov 2.7 had come first, in its order; long prefixes are resolved among
// them before ours are looked at, so that none of ours breaks an old command
// line.
#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace molotov::cli {

// Durations are in seconds here, as people write them; `inf` is allowed, nan is
// not. Whole numbers beyond 64 bits are held at the largest.
struct Options {
  std::string scenario = "loadtest.py";
  bool single_run = false;
  std::optional<std::string> single_mode;
  std::optional<std::string> config;
  bool version = false;
  bool debug = false;
  int64_t verbose = 0;
  int64_t workers = 1;  // per process
  double ramp_up = 0;
  bool sizing = false;
  double sizing_tolerance = 5;  // percent
  double delay = 0;
  double console_update = 0.2;
  int64_t processes = 1;
  double duration = 86400;
  std::optional<int64_t> max_runs;  // per worker; 0: no bound; negative: none
  bool quiet = false;
  bool exception = false;
  std::optional<int64_t> fail;
  bool console = false;
  bool statsd = false;
  std::string statsd_address = "udp://localhost:8125";
  bool uvloop = false;
  std::optional<std::vector<std::string>> use_extension;
  bool force_shutdown = false;
  // From here on ours.
  std::vector<std::string> connect_to;
  std::optional<std::string> cacert;
  bool insecure = false;
  bool dry_run = false;
  bool fail_on_any = false;
  std::optional<double> grace;  // none: until all is done
  bool summary = false;
  std::optional<std::string> report;
  bool show_secrets = false;
  std::optional<double> rate;  // runs a second, of all processes
  std::string arrival = "constant";
  std::optional<std::string> stages;
  double warmup = 0;
  std::optional<int64_t> seed;
  std::vector<std::string> threshold;
  std::optional<double> abort_on_threshold;  // seconds after the start

  // Dests that were named, whatever value they were given: by the command line,
  // the configuration or the environment.
  std::set<std::string, std::less<>> given;
  // Of these, the ones whose value is the environment's.
  std::set<std::string, std::less<>> environment;
  // And those whose value is the configuration's, with where it stands there:
  // "molotov.json:12".
  std::map<std::string, std::string, std::less<>> places;
  // What the configuration's `env` sets in the environment of the script.
  std::map<std::string, std::string, std::less<>> variables;
  // Keys of the configuration that are no options: the script sees them as
  // attributes of `args` all the same.
  nlohmann::json extra = nlohmann::json::object();
};

// Where an option's value lies.
using Field =
    std::variant<bool Options::*, int64_t Options::*, double Options::*,
                 std::string Options::*, std::optional<std::string> Options::*,
                 std::optional<int64_t> Options::*,
                 std::optional<double> Options::*,
                 std::vector<std::string> Options::*,
                 std::optional<std::vector<std::string>> Options::*>;

enum class Action : uint8_t {
  store,    // takes one value
  flag,     // takes none, sets true
  count,    // takes none, adds one
  append,   // takes one value, may come again
  several,  // takes one or more values
  help,     // prints the help
};

// How a value is spelt.
enum class ValueType : uint8_t {
  text,
  file,    // a path
  script,  // a path of Python code, or a module's name
  integer,
  real,
  seconds,        // a real, or a span such as 1h30m
  whole_seconds,  // an integer, or a span
  processes,      // an integer, or "auto": a process a core
  rate,           // a second: a real, or one with its unit: 500/s, 30000/m
  threshold,      // see metrics/threshold.h
};

constexpr bool is_duration(ValueType type) {
  return type == ValueType::seconds || type == ValueType::whole_seconds;
}

enum class Origin : uint8_t { molotov_2, ours };

struct OptionSpec {
  std::string_view dest;
  std::string_view short_flag;  // "-w", or empty
  std::string_view long_flag;   // "--workers"; empty: the positional
  Action action;
  ValueType type;
  Field field;
  std::string_view help;
  Origin origin = Origin::molotov_2;

  bool positional() const { return long_flag.empty(); }
  // "-w/--workers", as messages have it.
  std::string name() const;
  // "MOLOTOV_WORKERS"; empty where the environment is not asked.
  std::string variable() const;
  // "WORKERS", or "scenario".
  std::string metavar() const;
};

// All of them, `-h` and the positional included.
std::span<const OptionSpec> option_table();
// By dest; nullptr when there is none.
const OptionSpec* find_option(std::string_view dest);

// Where an option's value comes from, as messages have it: "argument --cacert",
// with the configuration's line before it, or the variable of the environment.
// REQUIRES: an option's dest.
std::string source_of(const Options& options, std::string_view dest);

// What the parser of Molotov 2 could not object to: values that cannot be used,
// options that contradict each other. In words, as an argument's error, behind
// its place in the configuration; nullopt when there is nothing to say.
std::optional<std::string> find_fault(const Options& options);

// Gives an option its default again.
void reset_option(const OptionSpec& spec, Options& options);

// An option's value as the help shows it: "None", "False", "0.0".
std::string shown_value(const OptionSpec& spec, const Options& options);

// One value, by its dest and typed as argparse would have it, and `extra`.
nlohmann::json options_to_json(const Options& options);

// --sizing without -w or --ramp-up means 500 workers in 300 seconds.
void apply_sizing_defaults(Options& options);

// `--use-extension ext.py mytest.py` has taken the scenario for an extension,
// as it does by argparse's rules. Where no scenario is named, and the default
// one is either not there or that very file, the last of several extensions is
// the scenario. Of the command line only: a configuration's list takes nothing.
void release_scenario(Options& options);

}  // namespace molotov::cli
