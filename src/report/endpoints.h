// The table of a run's busiest endpoints, as lines.
#pragma once

#include <string>
#include <vector>

#include "metrics/endpoints.h"

namespace molotov::report {

constexpr size_t kEndpointsShown = 10;

// Empty where there were no requests.
std::vector<std::string> endpoint_lines(const metrics::Endpoints& endpoints);

}  // namespace molotov::report
