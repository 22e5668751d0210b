// What a report has of the thresholds.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <span>

#include "report/judgement.h"

namespace molotov::report {

// A list, in the order given.
nlohmann::ordered_json judgements_json(std::span<const Judgement> judgements);

}  // namespace molotov::report
