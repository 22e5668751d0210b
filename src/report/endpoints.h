// How the requests of a run's busiest endpoints ended, as lines.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "metrics/run_data.h"
#include "report/names.h"

namespace molotov::report {

constexpr size_t kEndpointsShown = 10;

// The endpoints of a run, the busiest first; what had no name of its own last.
std::vector<const NamedSeries*> busiest_endpoints(const metrics::RunData& data);

// How its requests ended: by "200", or "4xx" where the statuses were not told
// apart, and by "timeout" of those that were not answered.
using NamedCounts = std::vector<std::pair<std::string, uint64_t>>;
NamedCounts statuses_of(const metrics::Series& endpoint);
NamedCounts errors_of(const metrics::Series& endpoint);

// "200: 12, 500: 3, timeout: 1".
std::string outcomes_text(const metrics::Series& endpoint);

// Empty where there were no requests.
std::vector<std::string> endpoint_lines(const metrics::RunData& data);

}  // namespace molotov::report
