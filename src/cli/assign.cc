#include "cli/assign.h"

#include <fmt/format.h>
#include <sched.h>

#include <algorithm>
#include <thread>
#include <vector>

#include "base/numerals.h"
#include "cli/literals.h"

namespace molotov::cli {
namespace {

using Complaint = std::optional<std::string>;

// Those that this process may use, which a container's may be few of.
int64_t usable_cores() {
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) == 0) return CPU_COUNT(&set);
  // More than the set has room for.
  return std::max<int64_t>(std::thread::hardware_concurrency(), 1);
}

// argparse knows int and float only; of what was meant for a duration that
// would mislead.
std::string invalid(ValueType type, std::string_view text) {
  if (type == ValueType::rate)
    return fmt::format("invalid rate value: {}", repr(text));
  const bool whole = type != ValueType::real && type != ValueType::seconds;
  const bool has_unit = is_duration(type) && !text.empty() &&
                        text.front() >= '0' && text.front() <= '9' &&
                        std::string_view("dhms").contains(text.back());
  return fmt::format("invalid {} value: {}",
                     has_unit ? "duration"
                     : whole  ? "int"
                              : "float",
                     repr(text));
}

class Store {
 public:
  Store(const OptionSpec& spec, Options& options,
        std::span<const std::string> values)
      : spec_(spec), options_(options), values_(values) {}

  Complaint operator()(bool Options::* member) {
    options_.*member = true;
    return std::nullopt;
  }
  Complaint operator()(int64_t Options::* member) {
    if (spec_.action == Action::count && values_.empty()) {
      ++(options_.*member);
      return std::nullopt;
    }
    return store(options_.*member, whole_number(spec_.type, values_[0]));
  }
  Complaint operator()(double Options::* member) {
    return store(options_.*member, real_number(spec_.type, values_[0]));
  }
  Complaint operator()(std::optional<int64_t> Options::* member) {
    return store(options_.*member, whole_number(spec_.type, values_[0]));
  }
  Complaint operator()(std::optional<double> Options::* member) {
    return store(options_.*member, real_number(spec_.type, values_[0]));
  }
  Complaint operator()(std::string Options::* member) {
    options_.*member = values_[0];
    return std::nullopt;
  }
  Complaint operator()(std::optional<std::string> Options::* member) {
    options_.*member = values_[0];
    return std::nullopt;
  }
  Complaint operator()(std::vector<std::string> Options::* member) {
    (options_.*member)
        .insert((options_.*member).end(), values_.begin(), values_.end());
    return std::nullopt;
  }
  Complaint operator()(
      std::optional<std::vector<std::string>> Options::* member) {
    options_.*member = {values_.begin(), values_.end()};
    return std::nullopt;
  }

 private:
  template <typename Number>
  Complaint store(Number& member, const std::optional<Number>& number) const {
    if (!number) return invalid(spec_.type, values_[0]);
    member = *number;
    return std::nullopt;
  }
  template <typename Number>
  Complaint store(std::optional<Number>& member,
                  const std::optional<Number>& number) const {
    if (!number) return invalid(spec_.type, values_[0]);
    member = number;
    return std::nullopt;
  }

  const OptionSpec& spec_;
  Options& options_;
  std::span<const std::string> values_;
};

}  // namespace

Complaint assign(const OptionSpec& spec, Options& options,
                 std::span<const std::string> values) {
  return std::visit(Store(spec, options, values), spec.field);
}

std::optional<int64_t> whole_number(ValueType type, std::string_view text) {
  if (type == ValueType::processes && text == "auto") return usable_cores();
  return parse_int(text);
}

std::optional<double> real_number(ValueType type, std::string_view text) {
  if (type == ValueType::rate) return parse_rate(text);
  std::optional<double> number;
  if (type != ValueType::whole_seconds)
    number = parse_float(text);
  else if (const auto whole = parse_int(text))
    number = static_cast<double>(*whole);
  if (!number && is_duration(type)) return parse_span(text);
  return number;
}

}  // namespace molotov::cli
