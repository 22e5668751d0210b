#include "report/results.h"

#include <fmt/format.h>

#include <algorithm>

#include "report/endpoints.h"
#include "report/names.h"
#include "report/numbers.h"
#include "report/rows.h"

namespace molotov::report {

using metrics::Histogram;
using metrics::Measure;
using metrics::Series;

namespace {

// Behind the name: counts, and times.
constexpr const char* kFigures = "{:>8}{:>8}{:>7}{:>7}{:>7}{:>7}{:>7}{:>7}";

std::string figures_text(const Series& series, double seconds) {
  const Histogram& response = series.get(Measure::response);
  const Histogram& server = series.get(Measure::server);
  return fmt::format(fmt::runtime(kFigures), short_count(series.requests()),
                     short_count(series.errors()),
                     rate_text(series.requests(), seconds),
                     time_text(response, 0.5), time_text(response, 0.95),
                     time_text(response, 0.99), time_text(response, 1),
                     time_text(server, 0.99));
}

}  // namespace

std::vector<std::string> result_lines(const metrics::RunData& data) {
  const std::vector<const NamedSeries*> endpoints = busiest_endpoints(data);
  if (endpoints.empty()) return {};
  const double seconds = duration_to_seconds(data.duration());
  const bool hosts = has_several_hosts(data);
  std::vector<std::string> lines;
  add_row("", fmt::format("{:>51}{:>7}", "response time        ", "server"),
          lines);
  add_row("",
          fmt::format(fmt::runtime(kFigures), "requests", "errors", "per s",
                      "p50", "p95", "p99", "max", "p99"),
          lines);
  for (size_t i = 0; i < std::min(endpoints.size(), kRowsShown); i++) {
    const auto& [key, series] = *endpoints[i];
    add_row(endpoint_name(key.name, hosts), figures_text(series, seconds),
            lines);
    if (series.errors() + series.http_errors() > 0)
      lines.push_back("  " + outcomes_text(series));
  }
  add_rest(endpoints.size(), lines);
  if (endpoints.size() > 1)
    add_row("All", figures_text(data.all_requests(), seconds), lines);
  return lines;
}

}  // namespace molotov::report
