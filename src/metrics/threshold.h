// A threshold as a person writes it, which is what a figure of the run must
// satisfy:
//
//   p99 < 250ms        "GET /users/{}" server p95 < 80ms        errors == 0
//
// The grammar, and what each metric means, are in docs/thresholds.md. Here it
// is only read and written; figures are held against it elsewhere.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

namespace molotov::metrics {

struct Threshold {
  // What the figure is of.
  enum class Subject : uint8_t {
    all,       // every request, every run
    endpoint,  // the requests of one
    scenario,
    step,
    check,
    metric,  // the script's own
  };

  // Of which times (or values) a percentile, a mean or a maximum is.
  enum class Measure : uint8_t {
    none,      // the metric is of something else
    response,  // of requests, unless another is named
    server,
    ttfb,
    duration,  // of scenarios and steps
    value,     // of the script's own metrics
  };

  enum class Metric : uint8_t {
    percentile,
    mean,
    max,
    failures,
    errors,
    http_errors,
    requests_rate,
    runs_rate,
  };

  enum class Comparison : uint8_t {
    less,
    less_equal,
    greater,
    greater_equal,
    equal,
  };

  // What `value` is in.
  enum class Unit : uint8_t {
    seconds,
    share,  // 0 to 1
    count,  // whole
    per_second,
    number,  // of the script's own metrics, in whatever unit they are
  };

  Subject subject = Subject::all;
  std::string name = {};  // of the subject; "" of all
  Measure measure = Measure::none;
  Metric metric = Metric::percentile;
  double percentile = 0;  // above 0 and below 100; else 0
  Comparison comparison = Comparison::less;
  double value = 0;
  Unit unit = Unit::seconds;

  bool operator==(const Threshold&) const = default;
};

struct ThresholdError {
  std::string message;  // for a person, one line
  size_t offset = 0;    // of the byte in the text that it is about, or its size
};

std::expected<Threshold, ThresholdError> parse_threshold(std::string_view text);

// The text that is read as this threshold, in its one canonical form.
std::string to_string(const Threshold& threshold);

// Whether `found` compares so to `value`. False for what is not a number.
bool holds(Threshold::Comparison comparison, double found, double value);

// Three lines, without an end: the message, the text, a caret below the place.
std::string point_at(std::string_view text, const ThresholdError& error);

}  // namespace molotov::metrics
