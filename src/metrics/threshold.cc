#include "metrics/threshold.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

namespace molotov::metrics {

namespace {

using Comparison = Threshold::Comparison;
using Measure = Threshold::Measure;
using Metric = Threshold::Metric;
using Subject = Threshold::Subject;
using Unit = Threshold::Unit;

// What a metric's value is given in, and so which units it may have. Of what is
// counted, a share or how many there are.
enum class Quantity : uint8_t { time, share, rate, any };

struct MetricRow {
  std::string_view name;
  Metric metric;
  Quantity quantity;
};

constexpr std::array kMetrics = std::to_array<MetricRow>({
    {"p", Metric::percentile, Quantity::time},
    {"mean", Metric::mean, Quantity::time},
    {"max", Metric::max, Quantity::time},
    {"failures", Metric::failures, Quantity::share},
    {"errors", Metric::errors, Quantity::share},
    {"http_errors", Metric::http_errors, Quantity::share},
    {"requests_rate", Metric::requests_rate, Quantity::rate},
    {"runs_rate", Metric::runs_rate, Quantity::rate},
});

constexpr uint32_t bit(Metric metric) {
  return uint32_t{1} << static_cast<int>(metric);
}
constexpr uint32_t kTimes =
    bit(Metric::percentile) | bit(Metric::mean) | bit(Metric::max);
constexpr uint32_t kOfRequests =
    bit(Metric::errors) | bit(Metric::http_errors) | bit(Metric::requests_rate);
constexpr uint32_t kOfRuns = bit(Metric::failures) | bit(Metric::runs_rate);
constexpr uint32_t kAll = kTimes | kOfRequests | kOfRuns;

struct SubjectRow {
  std::string_view prefix;  // with its colon
  std::string_view phrase;
  uint32_t metrics;  // that it has, as bits
  Measure measure;   // of its times
};

// In the order of Subject.
constexpr std::array kSubjects = std::to_array<SubjectRow>({
    {"", "all", kAll, Measure::response},
    {"", "an endpoint", kTimes | kOfRequests, Measure::response},
    {"scenario:", "a scenario", kTimes | kOfRuns, Measure::duration},
    {"step:", "a step", kTimes | bit(Metric::failures), Measure::duration},
    {"check:", "a check", bit(Metric::failures), Measure::none},
    {"metric:", "a metric of the script", kTimes, Measure::value},
});

const SubjectRow& row_of(Subject subject) {
  return kSubjects[static_cast<size_t>(subject)];
}

constexpr std::array kMeasures =
    std::to_array<std::pair<std::string_view, Measure>>({
        {"response", Measure::response},
        {"server", Measure::server},
        {"ttfb", Measure::ttfb},
    });

// Longer ones before those that they begin with.
constexpr std::array kComparisons =
    std::to_array<std::pair<std::string_view, Comparison>>({
        {"<=", Comparison::less_equal},
        {">=", Comparison::greater_equal},
        {"==", Comparison::equal},
        {"<", Comparison::less},
        {">", Comparison::greater},
    });

struct UnitRow {
  std::string_view name;
  Unit unit;
  double divisor;  // of the number, for the value
};

constexpr std::array kUnits = std::to_array<UnitRow>({
    {"s", Unit::seconds, 1},
    {"ms", Unit::seconds, 1e3},
    {"us", Unit::seconds, 1e6},
    {"%", Unit::share, 100},
    {"/s", Unit::per_second, 1},
    {"/m", Unit::per_second, 60},
});

// What a number without a unit is, if that may be.
std::optional<Unit> bare_unit(Quantity quantity) {
  switch (quantity) {
    case Quantity::share:
      return Unit::count;
    case Quantity::rate:
      return Unit::per_second;
    case Quantity::any:
      return Unit::number;
    case Quantity::time:
      break;
  }
  return {};
}

bool fits(Unit unit, Quantity quantity) {
  switch (quantity) {
    case Quantity::time:
    case Quantity::any:
      return unit == Unit::seconds;
    case Quantity::share:
      return unit == Unit::share;
    case Quantity::rate:
      return unit == Unit::per_second;
  }
  return false;
}

std::string_view units_of(Quantity quantity) {
  switch (quantity) {
    case Quantity::time:
      return "us, ms or s";
    case Quantity::share:
      return "%, or none for a count";
    case Quantity::rate:
      return "/s or /m";
    case Quantity::any:
      return "none, or us, ms or s";
  }
  return {};
}

// "pN, mean or max"
std::string list_metrics(uint32_t wanted) {
  std::string list;
  for (const MetricRow& row : kMetrics) {
    if (!(wanted & bit(row.metric))) continue;
    wanted &= ~bit(row.metric);
    if (!list.empty()) list += wanted ? ", " : " or ";
    list += row.metric == Metric::percentile ? "pN" : row.name;
  }
  return list;
}

bool is_space(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c) ||
         c == '_' || c == '.';
}

// A text's pieces in their order, each a step.
class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  std::expected<Threshold, ThresholdError> parse() {
    if (!subject() || !measure() || !metric() || !comparison() || !value())
      return std::unexpected(std::move(error_));
    return std::move(threshold_);
  }

 private:
  bool subject();
  bool name();
  bool measure();
  bool metric();
  bool percentile(std::string_view number);
  bool check_metric();
  bool comparison();
  bool value();
  bool check_value(size_t at);
  bool end();

  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  void skip_spaces() {
    while (at_ < text_.size() && is_space(text_[at_])) at_++;
  }
  template <typename Predicate>
  std::string_view take_while(Predicate predicate) {
    const size_t begin = at_;
    while (at_ < text_.size() && predicate(text_[at_])) at_++;
    return text_.substr(begin, at_ - begin);
  }
  bool failed(size_t offset, std::string message) {
    error_ = {std::move(message), offset};
    return false;
  }

  std::string_view text_;
  size_t at_ = 0;
  Threshold threshold_;
  std::string_view measure_word_;
  size_t measure_at_ = 0;
  std::string_view metric_word_;
  size_t metric_at_ = 0;
  Quantity quantity_ = Quantity::time;
  ThresholdError error_;
};

bool Parser::subject() {
  skip_spaces();
  const size_t begin = at_;
  if (peek() == '"') {
    threshold_.subject = Subject::endpoint;
    return name();
  }
  take_while(is_word);
  if (peek() != ':') {
    at_ = begin;
    return true;
  }
  at_++;
  const std::string_view prefix = text_.substr(begin, at_ - begin);
  for (size_t i = 0; i < kSubjects.size(); i++) {
    if (kSubjects[i].prefix != prefix) continue;
    threshold_.subject = static_cast<Subject>(i);
    skip_spaces();
    if (peek() == '"') return name();
    return failed(at_, "a name goes in double quotes");
  }
  return failed(begin, fmt::format("'{}' is none of scenario:, step:, check: "
                                   "and metric:",
                                   prefix));
}

// REQUIRES: at its opening quote.
bool Parser::name() {
  const size_t begin = at_++;
  std::string& name = threshold_.name;
  while (at_ < text_.size() && text_[at_] != '"') {
    if (text_[at_] == '\\') {
      const char next = at_ + 1 < text_.size() ? text_[at_ + 1] : '\0';
      if (next != '"' && next != '\\')
        return failed(at_, R"(a backslash stands before " or \ only)");
      at_++;
    }
    name += text_[at_++];
  }
  if (at_ == text_.size())
    return failed(begin, "the closing double quote is missing");
  at_++;
  if (name.empty()) return failed(begin, "a name must not be empty");
  return true;
}

bool Parser::measure() {
  skip_spaces();
  measure_at_ = at_;
  threshold_.measure = row_of(threshold_.subject).measure;
  const std::string_view word = take_while(is_word);
  for (const auto& [name, measure] : kMeasures) {
    if (name != word) continue;
    measure_word_ = word;
    if (threshold_.measure != Measure::response)
      return failed(measure_at_,
                    fmt::format("'{}' is of requests, and {} is none", word,
                                row_of(threshold_.subject).phrase));
    threshold_.measure = measure;
    return true;
  }
  at_ = measure_at_;
  return true;
}

bool Parser::metric() {
  skip_spaces();
  metric_at_ = at_;
  metric_word_ = take_while(is_word);
  if (metric_word_.empty())
    return failed(metric_at_, "a metric is missing: " + list_metrics(kAll));
  const std::string_view behind_p = metric_word_.substr(1);
  if (metric_word_[0] == 'p' && std::ranges::none_of(behind_p, [](char c) {
        return !is_digit(c) && c != '.';
      }))
    return percentile(behind_p) && check_metric();
  for (const MetricRow& row : kMetrics) {
    if (row.name != metric_word_) continue;
    threshold_.metric = row.metric;
    quantity_ = row.quantity;
    return check_metric();
  }
  return failed(metric_at_,
                fmt::format("'{}' is none of {}, and a name goes in double "
                            "quotes",
                            metric_word_, list_metrics(kAll)));
}

bool Parser::percentile(std::string_view number) {
  threshold_.metric = Metric::percentile;
  const char* end = number.data() + number.size();
  const auto [stop, error] =
      std::from_chars(number.data(), end, threshold_.percentile);
  if (stop != end || error == std::errc::invalid_argument)
    return failed(metric_at_,
                  "a percentile is p and a number, such as p99 or p99.9");
  if (error == std::errc() && threshold_.percentile > 0 &&
      threshold_.percentile < 100)
    return true;
  return failed(metric_at_,
                "a percentile is above 0 and below 100 (p100 is max)");
}

// Whether the subject has that metric, with that measure.
bool Parser::check_metric() {
  const SubjectRow& subject = row_of(threshold_.subject);
  const uint32_t metric = bit(threshold_.metric);
  if (!(subject.metrics & metric))
    return failed(metric_at_,
                  fmt::format("{} has no '{}', only {}", subject.phrase,
                              metric_word_, list_metrics(subject.metrics)));
  if (metric & kTimes) {
    if (threshold_.subject == Subject::metric) quantity_ = Quantity::any;
    return true;
  }
  if (!measure_word_.empty())
    return failed(measure_at_,
                  fmt::format("'{}' stands before {} only", measure_word_,
                              list_metrics(kTimes)));
  threshold_.measure = Measure::none;
  return true;
}

bool Parser::comparison() {
  skip_spaces();
  for (const auto& [text, comparison] : kComparisons) {
    if (!text_.substr(at_).starts_with(text)) continue;
    at_ += text.size();
    threshold_.comparison = comparison;
    return true;
  }
  return failed(at_, "one of <, <=, >, >= and == is missing");
}

bool Parser::value() {
  skip_spaces();
  const size_t number_at = at_;
  const std::string_view rest = text_.substr(at_);
  const size_t digits = rest.starts_with('-') ? 1 : 0;
  // Neither infinity nor what is not a number, which from_chars() would take.
  const bool begins =
      rest.size() > digits && (is_digit(rest[digits]) || rest[digits] == '.');
  double number = 0;
  const char* first = rest.data();
  const auto [stop, error] =
      begins ? std::from_chars(first, first + rest.size(), number)
             : std::from_chars_result{first, std::errc::invalid_argument};
  if (error == std::errc::invalid_argument)
    return failed(number_at, "a number is missing");
  if (error != std::errc())
    return failed(number_at, "the number is too large or too small");
  at_ += static_cast<size_t>(stop - first);
  skip_spaces();
  const size_t unit_at = at_;
  const std::string_view unit = take_while([](char c) { return !is_space(c); });
  if (unit.empty()) {
    const auto bare = bare_unit(quantity_);
    if (!bare)
      return failed(unit_at,
                    fmt::format("give a unit: {}", units_of(quantity_)));
    threshold_.unit = *bare;
    threshold_.value = number;
    return check_value(number_at);
  }
  for (const UnitRow& row : kUnits) {
    if (row.name != unit || !fits(row.unit, quantity_)) continue;
    threshold_.unit = row.unit;
    threshold_.value = number / row.divisor;
    return check_value(number_at) && end();
  }
  return failed(unit_at, fmt::format("'{}' is no unit of {}: that is {}", unit,
                                     metric_word_, units_of(quantity_)));
}

bool Parser::check_value(size_t at) {
  // There is no negative zero.
  if (threshold_.value == 0) threshold_.value = 0;
  if (threshold_.value < 0 && quantity_ != Quantity::any)
    return failed(at, "it cannot be negative");
  if (threshold_.value > 1 && threshold_.unit == Unit::share)
    return failed(at, "a share is from 0% to 100%");
  if (threshold_.unit == Unit::count &&
      threshold_.value != std::trunc(threshold_.value))
    return failed(at, "a count is a whole number, and a share has a %");
  return true;
}

bool Parser::end() {
  skip_spaces();
  return at_ == text_.size() || failed(at_, "nothing may follow");
}

// The number of `value` in a unit, where there is one that is read as it.
std::optional<std::string> number_in(double value, double divisor) {
  const auto reads_as = [&](const std::string& text) {
    double read = 0;
    const auto [stop, error] =
        std::from_chars(text.data(), text.data() + text.size(), read);
    return error == std::errc() && read / divisor == value;
  };
  const double number = value * divisor;
  std::string text = fmt::format("{:.15g}", number);
  if (reads_as(text)) return text;
  // Both have rounded, so that it may be a neighbour.
  constexpr double kFar = std::numeric_limits<double>::infinity();
  for (const double side : {-kFar, kFar}) {
    double near = number;
    for (int i = 0; i < 3; i++, near = std::nextafter(near, side)) {
      text = fmt::format("{}", near);
      if (reads_as(text)) return text;
    }
  }
  return {};
}

std::string value_to_string(double value, Unit unit) {
  // A time of none is 0s, a rate 0/s.
  if (value == 0 && unit == Unit::seconds) return "0s";
  // Of a time, the largest unit that it has one of.
  for (const UnitRow& row : kUnits) {
    if (row.unit != unit) continue;
    if (unit == Unit::seconds && std::abs(value * row.divisor) < 1) continue;
    if (const auto number = number_in(value, row.divisor))
      return *number + std::string(row.name);
  }
  return fmt::format("{}{}", value, unit == Unit::seconds ? "s" : "");
}

// Without an exponent, as it is read.
std::string percentile_to_string(double percentile) {
  std::array<char, 512> text;
  const auto [end, error] =
      std::to_chars(text.data(), text.data() + text.size(), percentile,
                    std::chars_format::fixed);
  return std::string(text.data(), end);
}

std::string quoted(std::string_view name) {
  std::string text = "\"";
  for (const char c : name) {
    if (c == '"' || c == '\\') text += '\\';
    text += c;
  }
  return text + "\"";
}

}  // namespace

std::expected<Threshold, ThresholdError> parse_threshold(
    std::string_view text) {
  return Parser(text).parse();
}

std::string to_string(const Threshold& threshold) {
  std::string text(row_of(threshold.subject).prefix);
  if (threshold.subject != Subject::all) text += quoted(threshold.name) + " ";
  for (const auto& [name, measure] : kMeasures) {
    if (measure == threshold.measure && measure != Measure::response)
      text += fmt::format("{} ", name);
  }
  for (const MetricRow& row : kMetrics)
    if (row.metric == threshold.metric) text += row.name;
  if (threshold.metric == Metric::percentile)
    text += percentile_to_string(threshold.percentile);
  for (const auto& [name, comparison] : kComparisons) {
    if (comparison == threshold.comparison) text += fmt::format(" {} ", name);
  }
  return text + value_to_string(threshold.value, threshold.unit);
}

bool holds(Comparison comparison, double found, double value) {
  switch (comparison) {
    case Comparison::less:
      return found < value;
    case Comparison::less_equal:
      return found <= value;
    case Comparison::greater:
      return found > value;
    case Comparison::greater_equal:
      return found >= value;
    case Comparison::equal:
      return found == value;
  }
  return false;
}

std::string point_at(std::string_view text, const ThresholdError& error) {
  std::string shown(text);
  for (char& c : shown) {
    if (is_space(c)) c = ' ';
    if (static_cast<unsigned char>(c) < ' ' || c == '\x7f') c = '?';
  }
  // A character of UTF-8 has one column, however many bytes it has.
  const auto column = std::ranges::count_if(
      text.substr(0, error.offset), [](char c) { return (c & 0xc0) != 0x80; });
  return fmt::format("{}\n  {}\n  {}^", error.message, shown,
                     std::string(static_cast<size_t>(column), ' '));
}

}  // namespace molotov::metrics
