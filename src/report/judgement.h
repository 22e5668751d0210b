// Thresholds held against what a run measured.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "metrics/board.h"
#include "metrics/confidence.h"
#include "metrics/run_data.h"
#include "metrics/threshold.h"

namespace molotov::report {

// Of a percentile: how sure it is.
struct PercentileFacts {
  uint64_t samples = 0;
  // On its farther side from the middle. Where there are few, the percentile
  // says more of them than of the service.
  uint64_t beyond = 0;
  metrics::ConfidenceInterval confidence;

  bool few_beyond() const { return beyond < 10; }
};
constexpr double kConfidenceLevel = 0.95;

struct Judgement {
  enum class Sight : uint8_t {
    measured,
    nothing_measured,  // the subject has been there, but without such figures
    never_seen,
  };

  metrics::Threshold threshold;
  Sight sight = Sight::never_seen;
  double found = 0;  // in the threshold's unit, where it was measured
  std::optional<PercentileFacts> percentile = {};

  // Whether the run does not satisfy it: also where there is nothing to say so.
  bool crossed() const;
};

Judgement judge(const metrics::Threshold& threshold,
                const metrics::RunData& data, const metrics::Totals& totals);

// "threshold crossed: p99 < 250ms (found 312ms)".
std::string judgement_line(const Judgement& judgement);
std::vector<std::string> judgement_lines(std::span<const Judgement> judgements);

bool any_crossed(std::span<const Judgement> judgements);

}  // namespace molotov::report
