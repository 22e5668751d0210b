#include "report/results.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "report/endpoints.h"
#include "report/names.h"
#include "report/numbers.h"

namespace molotov::report {

using metrics::Histogram;
using metrics::Measure;
using metrics::Series;

namespace {

constexpr size_t kColumns = 80;
constexpr size_t kNameColumns = 22;
constexpr size_t kRowsShown = 20;
// Behind the name: counts, and times.
constexpr const char* kFigures = "{:>8}{:>8}{:>7}{:>7}{:>7}{:>7}{:>7}{:>7}";

// How wide a line of text is on a terminal, nearly: its code points.
size_t columns_of(std::string_view text) {
  return static_cast<size_t>(
      std::ranges::count_if(text, [](char c) { return (c & 0xc0) != 0x80; }));
}

std::string figures_text(const Series& series, double seconds) {
  const Histogram& response = series.get(Measure::response);
  const Histogram& server = series.get(Measure::server);
  const auto time = [](const Histogram& histogram, double fraction) {
    return histogram.empty() ? "-" : short_time(histogram.quantile(fraction));
  };
  const auto requests = static_cast<double>(series.requests());
  return fmt::format(fmt::runtime(kFigures), short_count(series.requests()),
                     short_count(series.errors()),
                     seconds > 0 ? short_rate(requests / seconds) : "-",
                     time(response, 0.5), time(response, 0.95),
                     time(response, 0.99), time(response, 1),
                     time(server, 0.99));
}

// A name that is too long for its column has a line of its own.
void add_row(std::string_view name, const std::string& figures,
             std::vector<std::string>& lines) {
  if (columns_of(name) > kNameColumns) {
    std::string whole(cut(name, kColumns - 3));
    if (whole.size() < name.size()) whole += "…";
    lines.push_back(std::move(whole));
    name = "";
  }
  const size_t padding = kNameColumns - columns_of(name);
  lines.push_back(fmt::format("{}{:{}}{}", name, "", padding, figures));
}

}  // namespace

std::vector<std::string> result_lines(const metrics::RunData& data) {
  const std::vector<const Endpoint*> endpoints = busiest_endpoints(data);
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
  if (endpoints.size() > kRowsShown)
    lines.push_back(fmt::format("({} more)", endpoints.size() - kRowsShown));
  if (endpoints.size() > 1)
    add_row("All", figures_text(data.all_requests(), seconds), lines);
  return lines;
}

}  // namespace molotov::report
