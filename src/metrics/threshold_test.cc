// Aim: what the grammar allows is read as it is meant and written back the
// same; all else is refused with what is wrong and where.
#include "metrics/threshold.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace molotov::metrics {
namespace {

using Comparison = Threshold::Comparison;
using Measure = Threshold::Measure;
using Metric = Threshold::Metric;
using Subject = Threshold::Subject;
using Unit = Threshold::Unit;

Threshold parse(std::string_view text) {
  const auto threshold = parse_threshold(text);
  EXPECT_TRUE(threshold) << text << ": " << threshold.error().message;
  return threshold.value_or(Threshold());
}

TEST(ThresholdTest, OfAll) {
  EXPECT_EQ(parse("p99 < 250ms"), (Threshold{.measure = Measure::response,
                                             .metric = Metric::percentile,
                                             .percentile = 99,
                                             .comparison = Comparison::less,
                                             .value = 0.25,
                                             .unit = Unit::seconds}));
  EXPECT_EQ(parse("errors == 0"), (Threshold{.metric = Metric::errors,
                                             .comparison = Comparison::equal,
                                             .value = 0,
                                             .unit = Unit::count}));
  EXPECT_EQ(parse("requests_rate > 900/s"),
            (Threshold{.metric = Metric::requests_rate,
                       .comparison = Comparison::greater,
                       .value = 900,
                       .unit = Unit::per_second}));
}

TEST(ThresholdTest, OfASubject) {
  EXPECT_EQ(parse(R"("GET /users/{}" server p95 < 80ms)"),
            (Threshold{.subject = Subject::endpoint,
                       .name = "GET /users/{}",
                       .measure = Measure::server,
                       .metric = Metric::percentile,
                       .percentile = 95,
                       .comparison = Comparison::less,
                       .value = 0.08,
                       .unit = Unit::seconds}));
  EXPECT_EQ(parse(R"(scenario:"buy" failures < 1%)"),
            (Threshold{.subject = Subject::scenario,
                       .name = "buy",
                       .metric = Metric::failures,
                       .comparison = Comparison::less,
                       .value = 0.01,
                       .unit = Unit::share}));
  EXPECT_EQ(parse(R"(step:"log in" max <= 2s)"),
            (Threshold{.subject = Subject::step,
                       .name = "log in",
                       .measure = Measure::duration,
                       .metric = Metric::max,
                       .comparison = Comparison::less_equal,
                       .value = 2,
                       .unit = Unit::seconds}));
  EXPECT_EQ(parse(R"(metric:"basket" mean >= 12.5)"),
            (Threshold{.subject = Subject::metric,
                       .name = "basket",
                       .measure = Measure::value,
                       .metric = Metric::mean,
                       .comparison = Comparison::greater_equal,
                       .value = 12.5,
                       .unit = Unit::number}));
}

struct Writing {
  std::string_view text;
  std::string_view canonical;  // "" where it is the same
};

TEST(ThresholdTest, IsWrittenBack) {
  const Writing rows[] = {
      {"p99 < 250ms", ""},
      {"  p99<250 ms ", "p99 < 250ms"},
      {"\tp99\n<\r250ms", "p99 < 250ms"},
      {"response p99 < 250ms", "p99 < 250ms"},
      {"ttfb p50 <= 1.5s", ""},
      {"server mean > 1500us", "server mean > 1.5ms"},
      {"max < 12.3ms", ""},
      {"max < 0.0123s", "max < 12.3ms"},
      {"max < 3us", ""},
      {"max < 0.25us", "max < 2.5e-07s"},
      {"max < 2000s", ""},
      {"max > 0s", ""},
      {"max > -0s", "max > 0s"},
      {"p99.9 < 1s", ""},
      {"p99.999 < 1s", ""},
      {"p0.0000001 < 1s", ""},
      {"p50. < 1s", "p50 < 1s"},
      {"failures < 0.1%", ""},
      {"failures < 7%", ""},
      {"failures < 33.333333333333336%", ""},
      {"failures == 0%", ""},
      {"failures <= 100%", ""},
      {"failures == 0", ""},
      {"failures <= 1", ""},
      {"http_errors < 10.0", "http_errors < 10"},
      {"errors < 1e3", "errors < 1000"},
      {"errors < 1e+30", ""},
      {"errors > -0", "errors > 0"},
      {"runs_rate >= 30000/m", "runs_rate >= 500/s"},
      {"requests_rate >= 12.5", "requests_rate >= 12.5/s"},
      {R"("GET /" p95 < 1s)", ""},
      {R"("GET /"p95 < 1s)", R"("GET /" p95 < 1s)"},
      {R"("say \"hi\" \\o/" errors == 0)", ""},
      {"\"caf\xc3\xa9\" errors == 0", ""},
      {R"("GET /" http_errors < 1%)", ""},
      {R"("GET /" requests_rate > 1/s)", ""},
      {R"("scenario:" p95 < 1s)", ""},
      {R"(scenario:"buy" p95 < 1s)", ""},
      {R"(scenario: "buy" runs_rate > 1)", R"(scenario:"buy" runs_rate > 1/s)"},
      {R"(step:"a" mean < 1s)", ""},
      {R"(step:"a" failures == 0)", ""},
      {R"(check:"basket not empty" failures < 1%)", ""},
      {R"(metric:"t" p50 > -3.5)", ""},
      {R"(metric:"wait" p95 < 20ms)", ""},
      {R"(metric:"n" max < 1e+30)", ""},
  };
  for (const auto& [text, canonical] : rows) {
    const Threshold threshold = parse(text);
    EXPECT_EQ(to_string(threshold), canonical.empty() ? text : canonical);
    EXPECT_EQ(parse(to_string(threshold)), threshold) << text;
  }
}

struct Refusal {
  std::string_view text;
  size_t offset;
  std::string_view message;
};

constexpr std::string_view kAnyMetric =
    "pN, mean, max, failures, errors, http_errors, requests_rate or runs_rate";

TEST(ThresholdTest, RefusesWhatIsNone) {
  const std::string missing = "a metric is missing: " + std::string(kAnyMetric);
  const std::string unknown = " is none of " + std::string(kAnyMetric) +
                              ", and a name goes in double quotes";
  const std::string get_unknown = "'GET'" + unknown;
  const std::string p99_unknown = "'P99'" + unknown;
  const std::string response_unknown = "'responses'" + unknown;
  constexpr std::string_view kPercentile =
      "a percentile is p and a number, such as p99 or p99.9";
  constexpr std::string_view kRange =
      "a percentile is above 0 and below 100 (p100 is max)";
  constexpr std::string_view kComparison =
      "one of <, <=, >, >= and == is missing";
  const Refusal rows[] = {
      {"", 0, missing},
      {"  ", 2, missing},
      {"< 1s", 0, missing},
      {"server", 6, missing},
      {"GET / p95 < 1s", 0, get_unknown},
      {"P99 < 1s", 0, p99_unknown},
      {"responses p99 < 1s", 0, response_unknown},
      {"p < 1s", 0, kPercentile},
      {"p 99 < 1s", 0, kPercentile},
      {"p9.9.9 < 1s", 0, kPercentile},
      {"p0 < 1s", 0, kRange},
      {"p100 < 1s", 0, kRange},
      {"p99.99999999999999999999 < 1s", 0, kRange},
      {"p99", 3, kComparison},
      {"p99 = 1s", 4, kComparison},
      {"p99 != 1s", 4, kComparison},
      {"p99 250ms", 4, kComparison},
      {"p99 server < 1s", 4, kComparison},
      {"p99 <", 5, "a number is missing"},
      {"p99 < ms", 6, "a number is missing"},
      {"p99 =< 1s", 4, kComparison},
      {"p99 < inf", 6, "a number is missing"},
      {"p99 < -inf", 6, "a number is missing"},
      {"p99 < nan", 6, "a number is missing"},
      {"p99 < 1e999s", 6, "the number is too large or too small"},
      {"p99 < 1e-999s", 6, "the number is too large or too small"},
      {"p99 < -1s", 6, "it cannot be negative"},
      {"p99 < 250", 9, "give a unit: us, ms or s"},
      {"p99 < 0", 7, "give a unit: us, ms or s"},
      {"p99 < 2m", 7, "'m' is no unit of p99: that is us, ms or s"},
      {"p99 < 250Ms", 9, "'Ms' is no unit of p99: that is us, ms or s"},
      {"p99 < 1,5s", 7, "',5s' is no unit of p99: that is us, ms or s"},
      {"max < 1%", 7, "'%' is no unit of max: that is us, ms or s"},
      {"mean < 1/s", 8, "'/s' is no unit of mean: that is us, ms or s"},
      {"failures < 1ms", 12,
       "'ms' is no unit of failures: that is %, or none for a count"},
      {"runs_rate > 1%", 13, "'%' is no unit of runs_rate: that is /s or /m"},
      {"errors < 101%", 9, "a share is from 0% to 100%"},
      {"errors < 0.01", 9, "a count is a whole number, and a share has a %"},
      {"errors < -1", 9, "it cannot be negative"},
      {"errors < -1%", 9, "it cannot be negative"},
      {"p99 < 1s and p95 < 1s", 9, "nothing may follow"},
      {"errors == 0 x", 12,
       "'x' is no unit of errors: that is %, or none for a count"},
      {"server failures == 0", 0,
       "'server' stands before pN, mean or max only"},
      {R"("GET /" server errors == 0)", 8,
       "'server' stands before pN, mean or max only"},
      {R"("GET /" failures == 0)", 8,
       "an endpoint has no 'failures', only pN, mean, max, errors, "
       "http_errors or requests_rate"},
      {R"("GET /" runs_rate > 1)", 8,
       "an endpoint has no 'runs_rate', only pN, mean, max, errors, "
       "http_errors or requests_rate"},
      {R"(scenario:"a" errors == 0)", 13,
       "a scenario has no 'errors', only pN, mean, max, failures or "
       "runs_rate"},
      {R"(scenario:"a" server p95 < 1s)", 13,
       "'server' is of requests, and a scenario is none"},
      {R"(step:"a" runs_rate > 1)", 9,
       "a step has no 'runs_rate', only pN, mean, max or failures"},
      {R"(check:"a" p95 < 1s)", 10, "a check has no 'p95', only failures"},
      {R"(check:"a" response p95 < 1s)", 10,
       "'response' is of requests, and a check is none"},
      {R"(metric:"a" failures == 0)", 11,
       "a metric of the script has no 'failures', only pN, mean or max"},
      {R"(metric:"a" p95 < 1%)", 18,
       "'%' is no unit of p95: that is none, or us, ms or s"},
      {R"(scenario:buy p95 < 1s)", 9, "a name goes in double quotes"},
      {R"(scenario:)", 9, "a name goes in double quotes"},
      {R"(page:"a" p95 < 1s)", 0,
       "'page:' is none of scenario:, step:, check: and metric:"},
      {R"(:"a" p95 < 1s)", 0,
       "':' is none of scenario:, step:, check: and metric:"},
      {R"("" p95 < 1s)", 0, "a name must not be empty"},
      {R"(step:"" p95 < 1s)", 5, "a name must not be empty"},
      {R"("GET / p95 < 1s)", 0, "the closing double quote is missing"},
      {R"("a\" p95 < 1s)", 0, "the closing double quote is missing"},
      {R"("a\d" p95 < 1s)", 2, R"(a backslash stands before " or \ only)"},
      {R"("a\)", 2, R"(a backslash stands before " or \ only)"},
  };
  for (const Refusal& row : rows) {
    const auto threshold = parse_threshold(row.text);
    ASSERT_FALSE(threshold) << row.text;
    EXPECT_EQ(threshold.error().message, row.message) << row.text;
    EXPECT_EQ(threshold.error().offset, row.offset) << row.text;
  }
}

TEST(ThresholdTest, PointsAtThePlace) {
  const auto show = [](std::string_view text) {
    return point_at(text, parse_threshold(text).error());
  };
  EXPECT_EQ(show("p99 < 250"),
            "give a unit: us, ms or s\n"
            "  p99 < 250\n"
            "           ^");
  EXPECT_EQ(show("\"\xc3\xa9t\xc3\xa9\"\tp95 ? 1s"),
            "one of <, <=, >, >= and == is missing\n"
            "  \"\xc3\xa9t\xc3\xa9\" p95 ? 1s\n"
            "            ^");
  EXPECT_EQ(show("\x1b[1m"), "a metric is missing: " + std::string(kAnyMetric) +
                                 "\n  ?[1m\n  ^");
}

TEST(ThresholdTest, Holds) {
  struct Row {
    Comparison comparison;
    bool below, same, above;
  };
  const Row rows[] = {
      {Comparison::less, true, false, false},
      {Comparison::less_equal, true, true, false},
      {Comparison::greater, false, false, true},
      {Comparison::greater_equal, false, true, true},
      {Comparison::equal, false, true, false},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(holds(row.comparison, 1, 2), row.below);
    EXPECT_EQ(holds(row.comparison, 2, 2), row.same);
    EXPECT_EQ(holds(row.comparison, 3, 2), row.above);
    EXPECT_FALSE(holds(row.comparison, std::nan(""), 2));
  }
  EXPECT_FALSE(
      holds(Comparison::less, std::numeric_limits<double>::infinity(), 1));
}

}  // namespace
}  // namespace molotov::metrics
