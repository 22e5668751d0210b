// The table at the end of a run: how fast the service was, by endpoint. 80
// columns.
#pragma once

#include <string>
#include <vector>

#include "metrics/run_data.h"

namespace molotov::report {

// Empty where there were no requests.
std::vector<std::string> result_lines(const metrics::RunData& data);

}  // namespace molotov::report
