// How the requests of a run's busiest endpoints ended, as lines.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "metrics/run_data.h"

namespace molotov::report {

constexpr size_t kEndpointsShown = 10;

// The endpoints of a run, the busiest first; what had no name of its own last.
using Endpoint = std::pair<const metrics::SeriesKey, metrics::Series>;
std::vector<const Endpoint*> busiest_endpoints(const metrics::RunData& data);

// "200: 12, 500: 3, timeout: 1".
std::string outcomes_text(const metrics::Series& endpoint);

// Empty where there were no requests.
std::vector<std::string> endpoint_lines(const metrics::RunData& data);

}  // namespace molotov::report
