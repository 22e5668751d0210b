#include "report/endpoints.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <span>

#include "report/names.h"

namespace molotov::report {

using metrics::Series;
using metrics::SeriesKind;

NamedCounts statuses_of(const Series& endpoint) {
  NamedCounts counts;
  counts.reserve(endpoint.statuses.size());
  for (const auto& [status, count] : endpoint.statuses)
    counts.emplace_back(
        status < 10 ? fmt::format("{}xx", status) : fmt::to_string(status),
        count);
  return counts;
}

NamedCounts errors_of(const Series& endpoint) {
  NamedCounts counts;
  counts.reserve(metrics::kErrorKinds);
  for (size_t i = 0; i < metrics::kErrorKinds; i++) {
    const auto kind = static_cast<metrics::ErrorKind>(i);
    if (const uint64_t count = endpoint.get(metrics::figure_of(kind)))
      counts.emplace_back(to_string(kind), count);
  }
  return counts;
}

namespace {

NamedCounts outcomes_of(const Series& endpoint) {
  NamedCounts counts = statuses_of(endpoint);
  std::ranges::copy(errors_of(endpoint), std::back_inserter(counts));
  return counts;
}

// The only one without its count, which is that of the requests.
std::string short_outcomes_text(const Series& series) {
  const auto outcomes = outcomes_of(series);
  return outcomes.size() == 1 ? outcomes.front().first : outcomes_text(series);
}

uint64_t requests_of(std::span<const NamedSeries* const> endpoints) {
  uint64_t all = 0;
  for (const NamedSeries* endpoint : endpoints)
    all += endpoint->second.requests();
  return all;
}

}  // namespace

std::string outcomes_text(const Series& endpoint) {
  std::string text;
  for (const auto& [name, count] : outcomes_of(endpoint))
    text += fmt::format("{}{}: {}", text.empty() ? "" : ", ", name, count);
  return text;
}

std::vector<const NamedSeries*> busiest_endpoints(
    const metrics::RunData& data) {
  std::vector<const NamedSeries*> found = series_of(data, SeriesKind::endpoint);
  std::ranges::sort(found, [](const NamedSeries* a, const NamedSeries* b) {
    const bool a_rest = a->first.name == metrics::kOtherName;
    const bool b_rest = b->first.name == metrics::kOtherName;
    if (a_rest != b_rest) return b_rest;
    const uint64_t a_requests = a->second.requests();
    const uint64_t b_requests = b->second.requests();
    return a_requests != b_requests ? a_requests > b_requests
                                    : a->first < b->first;
  });
  return found;
}

std::vector<std::string> endpoint_lines(const metrics::RunData& data) {
  const std::vector<const NamedSeries*> all = busiest_endpoints(data);
  if (all.empty()) return {};
  const std::span endpoints(all);
  const auto shown = endpoints.first(std::min(all.size(), kEndpointsShown));
  const auto left = endpoints.subspan(shown.size());
  const uint64_t rest = requests_of(left);
  const bool hosts = has_several_hosts(data);
  std::vector<std::string> names;
  size_t name_width = 0;
  uint64_t most = rest;
  for (const NamedSeries* endpoint : shown) {
    names.push_back(endpoint_name(endpoint->first.name, hosts));
    name_width = std::max(name_width, names.back().size());
    most = std::max(most, endpoint->second.requests());
  }
  const size_t width = fmt::formatted_size("{}", most);

  std::vector<std::string> lines = {"Requests per endpoint:"};
  for (size_t i = 0; i < shown.size(); i++)
    lines.push_back(fmt::format(
        "  {:>{}}  {:<{}}  {}", shown[i]->second.requests(), width, names[i],
        name_width, short_outcomes_text(shown[i]->second)));
  if (rest > 0)
    lines.push_back(fmt::format("  {:>{}}  of {} other endpoint{}", rest, width,
                                left.size(), left.size() == 1 ? "" : "s"));
  return lines;
}

}  // namespace molotov::report
