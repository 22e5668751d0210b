// The command line. That it is read to the letter as argparse reads it is
// tests/cli/test_argparse.py's to show; here are the rules one by one.
#include "cli/arguments.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace molotov::cli {
namespace {

using Words = std::vector<std::string>;

Options parsed(const Words& words) {
  auto options = parse_arguments(words, 80);
  EXPECT_TRUE(options) << options.error().text;
  return options ? *options : Options();
}

// The last line of the complaint, without "molotov: error: ".
std::string complaint(const Words& words) {
  const auto options = parse_arguments(words, 80);
  if (options) return "";
  EXPECT_EQ(options.error().code, ExitCode::usage);
  const std::string& text = options.error().text;
  EXPECT_TRUE(text.starts_with("usage: molotov [-h] "));
  EXPECT_TRUE(text.ends_with('\n'));
  const std::string_view mark = "\nmolotov: error: ";
  const size_t at = text.find(mark) + mark.size();
  return text.substr(at, text.size() - at - 1);
}

TEST(Arguments, DefaultsAreThoseOfMolotov2) {
  const Options options = parsed({});
  EXPECT_EQ(options.scenario, "loadtest.py");
  EXPECT_EQ(options.workers, 1);
  EXPECT_EQ(options.duration, 86400);
  EXPECT_EQ(options.console_update, 0.2);
  EXPECT_EQ(options.sizing_tolerance, 5);
  EXPECT_FALSE(options.max_runs);
  EXPECT_TRUE(options.given.empty());
}

TEST(Arguments, ShortFlagsCluster) {
  const Options options = parsed({"-cxs", "NAME", "-r1", "-vvw3"});
  EXPECT_TRUE(options.console);
  EXPECT_TRUE(options.exception);
  EXPECT_EQ(options.single_mode, "NAME");
  EXPECT_EQ(options.max_runs, 1);
  EXPECT_EQ(options.verbose, 2);
  EXPECT_EQ(options.workers, 3);
  EXPECT_EQ(complaint({"-vvw=x"}),
            "argument -w/--workers: invalid int value: '=x'");
}

TEST(Arguments, LongFlagsMayBeShortened) {
  EXPECT_EQ(parsed({"--work", "2"}).workers, 2);
  EXPECT_EQ(parsed({"--max=1"}).max_runs, 1);
  EXPECT_TRUE(parsed({"--dry"}).dry_run);
  EXPECT_EQ(complaint({"--s"}),
            "ambiguous option: --s could match --single-run, --single-mode, "
            "--sizing, --sizing-tolerance, --statsd, --statsd-address");
}

// --con was ambiguous between 2.7's own, and still names those only.
TEST(Arguments, OursDoNotTakePartInOldPrefixes) {
  EXPECT_EQ(complaint({"--con"}),
            "ambiguous option: --con could match --config, --console-update, "
            "--console");
  EXPECT_EQ(parsed({"--conn", "a:1:b:2"}).connect_to, Words{"a:1:b:2"});
}

TEST(Arguments, ValuesThatLookLikeOptions) {
  EXPECT_EQ(parsed({"-r", "-1"}).max_runs, -1);
  EXPECT_EQ(parsed({"--delay", "-.5"}).delay, -0.5);
  EXPECT_EQ(complaint({"-s", "-x"}),
            "argument -s/--single-mode: expected one argument");
  EXPECT_EQ(parsed({"-s=-x"}).single_mode, "-x");
  EXPECT_EQ(parsed({"--", "-x"}).scenario, "-x");
}

TEST(Arguments, SayWhatIsWrong) {
  const std::pair<Words, const char*> rows[] = {
      {{"-w", "x"}, "argument -w/--workers: invalid int value: 'x'"},
      {{"-d", "1.5"}, "argument -d/--duration: invalid int value: '1.5'"},
      {{"--delay", "x"}, "argument --delay: invalid float value: 'x'"},
      {{"--nope"}, "unrecognized arguments: --nope"},
      {{"a", "b", "-z"}, "unrecognized arguments: b -z"},
      {{"-w"}, "argument -w/--workers: expected one argument"},
      {{"--use-extension"},
       "argument --use-extension: expected at least one argument"},
      {{"-cz"}, "argument -c/--console: ignored explicit argument 'z'"},
      {{"--sizing=1"}, "argument --sizing: ignored explicit argument '1'"},
      {{"-d", "30m5h"},
       "argument -d/--duration: invalid duration value: '30m5h'"},
      {{"--grace", "5x"}, "argument --grace: invalid float value: '5x'"},
      {{"-p", "all"}, "argument -p/--processes: invalid int value: 'all'"},
      {{"-w", "auto"}, "argument -w/--workers: invalid int value: 'auto'"},
      {{"--connect-to", "x"},
       "argument --connect-to: must be HOST:PORT:HOST:PORT: 'x'"},
  };
  for (const auto& [words, message] : rows)
    EXPECT_EQ(complaint(words), message);
}

TEST(Arguments, DurationsMayHaveUnits) {
  const Options options =
      parsed({"-d1h30m", "--ramp-up=500ms", "--delay", "1.5", "--grace", "2m"});
  EXPECT_EQ(options.duration, 5400);
  EXPECT_EQ(options.ramp_up, .5);
  EXPECT_EQ(options.delay, 1.5);
  EXPECT_EQ(options.grace, 120);
  // What can be had so, though a fraction of a second is not an int.
  EXPECT_EQ(options_to_json(parsed({"-d", "1500ms"}))["duration"], 1.5);
  EXPECT_TRUE(options_to_json(options)["duration"].is_number_integer());
}

TEST(Arguments, AProcessACore) {
  EXPECT_GE(parsed({"-p", "auto"}).processes, 1);
}

// What the environment says is what an option has until it is named.
TEST(Arguments, ReplaceTheEnvironment) {
  Options environment;
  environment.verbose = 1;
  environment.workers = 7;
  environment.connect_to = {"a:1:b:2"};
  environment.given =
      environment.environment = {"verbose", "workers", "connect_to"};
  const auto options = parse_arguments(
      Words{"-vv", "--connect-to", "c:3:d:4", "--connect-to", "e:5:f:6"}, 80,
      environment);
  ASSERT_TRUE(options);
  EXPECT_EQ(options->verbose, 2);
  EXPECT_EQ(options->workers, 7);
  EXPECT_EQ(options->connect_to, Words({"c:3:d:4", "e:5:f:6"}));
}

TEST(Arguments, HelpEndsIt) {
  const auto options = parse_arguments(Words{"-h", "--nope"}, 80);
  ASSERT_FALSE(options);
  EXPECT_EQ(options.error().code, ExitCode::ok);
  EXPECT_TRUE(options.error().text.contains("\nLoad test.\n"));
}

TEST(Arguments, RememberWhatWasGiven) {
  Options typed = parsed({"--sizing", "-w", "1", "--ramp-up", "0"});
  apply_sizing_defaults(typed);
  EXPECT_EQ(typed.workers, 1);
  EXPECT_EQ(typed.ramp_up, 0);
  Options left = parsed({"--sizing"});
  apply_sizing_defaults(left);
  EXPECT_EQ(left.workers, 500);
  EXPECT_EQ(left.ramp_up, 300);
}

}  // namespace
}  // namespace molotov::cli
