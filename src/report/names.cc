#include "report/names.h"

#include <fmt/format.h>

namespace molotov::report {

std::vector<const NamedSeries*> series_of(const metrics::RunData& data,
                                          metrics::SeriesKind kind) {
  std::vector<const NamedSeries*> found;
  for (const bool rest : {false, true})
    for (const NamedSeries& series : data.series())
      if (series.first.kind == kind &&
          (series.first.name == metrics::kOtherName) == rest)
        found.push_back(&series);
  return found;
}

EndpointParts parts_of_endpoint(std::string_view name) {
  const size_t first = name.find('\t');
  const size_t second = name.find('\t', first + 1);
  if (first == name.npos || second == name.npos) return {{}, {}, name};
  return {.method = name.substr(0, first),
          .host = name.substr(first + 1, second - first - 1),
          .path = name.substr(second + 1)};
}

bool has_several_hosts(const metrics::RunData& data) {
  std::string_view seen;
  for (const auto& [key, series] : data.series()) {
    if (key.kind != metrics::SeriesKind::endpoint) continue;
    const std::string_view host = parts_of_endpoint(key.name).host;
    if (!seen.empty() && !host.empty() && host != seen) return true;
    if (!host.empty()) seen = host;
  }
  return false;
}

std::string endpoint_name(std::string_view name, bool with_host) {
  const EndpointParts parts = parts_of_endpoint(name);
  if (parts.method.empty()) return std::string(name);
  return fmt::format("{} {}{}", parts.method, with_host ? parts.host : "",
                     parts.path);
}

}  // namespace molotov::report
