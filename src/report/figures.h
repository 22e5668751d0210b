// The tables behind that of the endpoints: scenarios, where there are several,
// and what a script measures itself. 80 columns.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "metrics/run_data.h"

namespace molotov::report {

// All series of a kind by their names; what had no name of its own last.
using NamedSeries = std::pair<const metrics::SeriesKey, metrics::Series>;
std::vector<const NamedSeries*> series_of(const metrics::RunData& data,
                                          metrics::SeriesKind kind);

// Runs, or passes of a step, that came to an end of their own.
uint64_t ended(const metrics::Series& series);

// Empty where there is nothing to show.
std::vector<std::string> figure_lines(const metrics::RunData& data);

}  // namespace molotov::report
