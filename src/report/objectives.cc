#include "report/objectives.h"

#include <utility>

namespace molotov::report {

Objectives::Objectives(std::vector<metrics::Threshold> thresholds,
                       std::optional<Duration> abort_after)
    : thresholds_(std::move(thresholds)), abort_after_(abort_after) {}

std::expected<Objectives, std::string> Objectives::parse(
    std::span<const std::string> texts, std::optional<double> abort_after) {
  std::vector<metrics::Threshold> thresholds;
  for (const std::string& text : texts) {
    auto threshold = metrics::parse_threshold(text);
    if (!threshold)
      return std::unexpected(metrics::point_at(text, threshold.error()));
    thresholds.push_back(std::move(*threshold));
  }
  std::optional<Duration> grace;
  if (abort_after) grace = seconds_to_duration(*abort_after);
  return Objectives(std::move(thresholds), grace);
}

std::optional<std::string> Objectives::reason_to_stop(
    const metrics::RunData& data, const metrics::Totals& totals) {
  const Duration passed = data.duration();
  if (!abort_after_ || passed < *abort_after_ || passed <= looked_at_)
    return {};
  looked_at_ = passed;
  for (const metrics::Threshold& threshold : thresholds_) {
    const Judgement judgement = judge(threshold, data, totals);
    if (judgement.sight != Judgement::Sight::measured || !judgement.crossed())
      continue;
    abort_after_.reset();
    return "Stopping: " + judgement_line(judgement);
  }
  return {};
}

std::vector<Judgement> Objectives::judge_all(
    const metrics::RunData& data, const metrics::Totals& totals) const {
  std::vector<Judgement> judgements;
  judgements.reserve(thresholds_.size());
  for (const metrics::Threshold& threshold : thresholds_)
    judgements.push_back(judge(threshold, data, totals));
  return judgements;
}

}  // namespace molotov::report
