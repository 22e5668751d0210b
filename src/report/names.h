// What series are called in reports.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "metrics/run_data.h"

namespace molotov::report {

// All series of a kind by their names; what had no name of its own last.
using NamedSeries = std::pair<const metrics::SeriesKey, metrics::Series>;
std::vector<const NamedSeries*> series_of(const metrics::RunData& data,
                                          metrics::SeriesKind kind);

// What an endpoint's name is made of; only `path` where a script has named it.
struct EndpointParts {
  std::string_view method;
  std::string_view host;
  std::string_view path;
};
EndpointParts parts_of_endpoint(std::string_view name);

// Whether endpoints are of more than one host, which their names tell then.
bool has_several_hosts(const metrics::RunData& data);

// "GET /users/{}", or "GET example.com/users/{}".
std::string endpoint_name(std::string_view name, bool with_host);

}  // namespace molotov::report
