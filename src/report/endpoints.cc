#include "report/endpoints.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>

namespace molotov::report {

namespace {

// "200", or with several "200: 12, 500: 3, timeout: 1".
std::string outcomes_text(const metrics::Endpoint& endpoint) {
  const auto& by_outcome = endpoint.by_outcome;
  if (by_outcome.size() == 1)
    return metrics::outcome_name(by_outcome.begin()->first);
  std::string text;
  for (const auto& [outcome, count] : by_outcome)
    text += fmt::format("{}{}: {}", text.empty() ? "" : ", ",
                        metrics::outcome_name(outcome), count);
  return text;
}

// Of all that is not shown.
uint64_t requests_of_rest(std::span<const metrics::Endpoint> left,
                          uint64_t others) {
  for (const metrics::Endpoint& endpoint : left) others += endpoint.requests;
  return others;
}

std::string rest_line(uint64_t requests, size_t width, size_t endpoints,
                      bool and_more) {
  return fmt::format("  {:>{}}  of {}{} other endpoint{}", requests, width,
                     and_more ? "more than " : "", endpoints,
                     endpoints == 1 && !and_more ? "" : "s");
}

}  // namespace

std::vector<std::string> endpoint_lines(const metrics::Endpoints& endpoints) {
  const std::span<const metrics::Endpoint> all(endpoints.all);
  if (all.empty()) return {};
  const auto shown = all.first(std::min(all.size(), kEndpointsShown));
  const auto left = all.subspan(shown.size());
  const uint64_t rest = requests_of_rest(left, endpoints.others);
  const size_t width =
      fmt::formatted_size("{}", std::max(rest, shown.front().requests));
  size_t name_width = 0;
  for (const metrics::Endpoint& endpoint : shown)
    name_width = std::max(name_width, endpoint.name.size());

  std::vector<std::string> lines = {"Requests per endpoint:"};
  for (const metrics::Endpoint& endpoint : shown)
    lines.push_back(fmt::format("  {:>{}}  {:<{}}  {}", endpoint.requests,
                                width, endpoint.name, name_width,
                                outcomes_text(endpoint)));
  if (rest > 0)
    lines.push_back(rest_line(rest, width, left.size(), endpoints.others > 0));
  return lines;
}

}  // namespace molotov::report
