#include "cli/load_options.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "cli/descriptors.h"
#include "cli/literals.h"
#include "load/stages.h"

namespace molotov::cli {
namespace {

using Fault = std::optional<OptionFault>;

constexpr double kRateMost = 1e9;
constexpr int64_t kOpenWorkers = 10'000;

bool given(const Options& options, std::string_view dest) {
  return options.given.contains(dest);
}

Fault find_rate_fault(const Options& options) {
  const double rate = *options.rate;
  if (!(rate > 0)) return OptionFault{"rate", "must be above 0"};
  if (rate > kRateMost)
    return OptionFault{"rate", "must be below 10^9 a second"};
  if (options.stages) return clash(options, "stages", "rate");
  if (options.sizing) return clash(options, "rate", "sizing");
  if (options.single_run) return clash(options, "rate", "single_run");
  return std::nullopt;
}

Fault find_stages_fault(const Options& options) {
  const auto stages = load::parse_stages(*options.stages);
  if (!stages)
    return OptionFault{"stages", fmt::format("{}: {}", stages.error().detail,
                                             repr(*options.stages))};
  for (const char* other : {"duration", "ramp_up"})
    if (given(options, other)) return clash(options, "stages", other);
  if (options.single_run) return clash(options, "stages", "single_run");
  if (options.sizing) return clash(options, "stages", "sizing");
  if (!stages->of_rate && given(options, "workers"))
    return OptionFault{"stages", "of workers are not allowed with argument " +
                                     find_option("workers")->name()};
  if (options.warmup >= duration_to_seconds(stages->length()))
    return OptionFault{"warmup", "must be shorter than all stages together"};
  return std::nullopt;
}

bool asks_for_rate(const Options& options) {
  if (options.rate) return true;
  const auto stages =
      options.stages ? load::parse_stages(*options.stages) : load::Stages();
  return stages && stages->of_rate;
}

}  // namespace

OptionFault clash(const Options& options, std::string_view dest,
                  std::string_view other) {
  if (options.places.contains(other)) std::swap(dest, other);
  return {dest, "not allowed with argument " + find_option(other)->name()};
}

std::optional<OptionFault> find_load_fault(const Options& options) {
  if (!(options.warmup >= 0))
    return OptionFault{"warmup", "must not be negative"};
  if (std::isinf(options.warmup))
    return OptionFault{"warmup", "must end some day"};
  if (options.warmup > 0 && options.single_run)
    return clash(options, "warmup", "single_run");
  if (options.rate)
    if (Fault fault = find_rate_fault(options)) return fault;
  if (options.stages)
    if (Fault fault = find_stages_fault(options)) return fault;
  if (options.arrival != "constant" && options.arrival != "poisson")
    return OptionFault{"arrival", fmt::format("invalid choice: {} (choose from "
                                              "'constant', 'poisson')",
                                              repr(options.arrival))};
  if (given(options, "arrival") && !asks_for_rate(options))
    return OptionFault{"arrival", "needs --rate, or --stages of rates"};
  return std::nullopt;
}

void apply_load_defaults(Options& options) {
  if (asks_for_rate(options) && !given(options, "workers")) {
    options.workers = kOpenWorkers;
    options.workers =
        std::clamp<int64_t>(workers_possible(options), 1, kOpenWorkers);
  }
  if (!options.stages) return;
  const auto stages = load::parse_stages(*options.stages);
  options.duration = duration_to_seconds(stages->length());
  if (!stages->of_rate)
    options.workers = static_cast<int64_t>(stages->highest());
}

}  // namespace molotov::cli
