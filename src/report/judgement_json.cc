#include "report/judgement_json.h"

#include <nlohmann/json.hpp>

namespace molotov::report {

using metrics::Threshold;
using Json = nlohmann::ordered_json;

namespace {

// With its unit.
const char* name_of_found(Threshold::Unit unit) {
  switch (unit) {
    case Threshold::Unit::seconds:
      return "found_seconds";
    case Threshold::Unit::share:
      return "found_share";
    case Threshold::Unit::count:
      return "found_count";
    case Threshold::Unit::per_second:
      return "found_per_second";
    case Threshold::Unit::number:
      break;
  }
  return "found_value";
}

const char* text_of(Judgement::Sight sight) {
  switch (sight) {
    case Judgement::Sight::measured:
      return "measured";
    case Judgement::Sight::nothing_measured:
      return "nothing measured";
    case Judgement::Sight::never_seen:
      break;
  }
  return "subject never seen";
}

Json found_json(const Judgement& judgement) {
  if (judgement.threshold.unit != Threshold::Unit::count)
    return judgement.found;
  return static_cast<uint64_t>(judgement.found);
}

Json bound(std::optional<Duration> at) {
  return at ? Json(duration_to_seconds(*at)) : Json();
}

void add_percentile(const PercentileFacts& facts, Threshold::Unit unit,
                    Json& to) {
  to["samples"] = facts.samples;
  to["samples_beyond"] = facts.beyond;
  to["few_samples_beyond"] = facts.few_beyond();
  const bool times = unit == Threshold::Unit::seconds;
  to[times ? "confidence_interval_seconds" : "confidence_interval_value"] = {
      {"level", kConfidenceLevel},
      {"low", bound(facts.confidence.low)},
      {"high", bound(facts.confidence.high)}};
}

Json judgement_json(const Judgement& judgement) {
  Json found = {{"threshold", to_string(judgement.threshold)},
                {"crossed", judgement.crossed()},
                {"figure", text_of(judgement.sight)}};
  const Threshold::Unit unit = judgement.threshold.unit;
  if (judgement.sight == Judgement::Sight::measured)
    found[name_of_found(unit)] = found_json(judgement);
  if (judgement.percentile) add_percentile(*judgement.percentile, unit, found);
  return found;
}

}  // namespace

Json judgements_json(std::span<const Judgement> judgements) {
  Json list = Json::array();
  for (const Judgement& each : judgements) list.push_back(judgement_json(each));
  return list;
}

}  // namespace molotov::report
