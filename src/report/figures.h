// The tables behind that of the endpoints: scenarios, where there are several,
// and what a script measures itself. 80 columns.
#pragma once

#include <string>
#include <vector>

#include "metrics/run_data.h"

namespace molotov::report {

// Runs, or passes of a step, that came to an end of their own.
uint64_t ended(const metrics::Series& series);

// Empty where there is nothing to show.
std::vector<std::string> figure_lines(const metrics::RunData& data);

}  // namespace molotov::report
