#include "report/rows.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "report/numbers.h"

namespace molotov::report {

namespace {

// How wide a line of text is on a terminal, nearly: its code points.
size_t columns_of(std::string_view text) {
  return static_cast<size_t>(
      std::ranges::count_if(text, [](char c) { return (c & 0xc0) != 0x80; }));
}

}  // namespace

std::string shortened(std::string_view text, size_t columns) {
  if (columns_of(text) <= columns) return std::string(text);
  return std::string(cut(text, columns - 3)) + "…";
}

void add_row(std::string_view name, const std::string& figures,
             std::vector<std::string>& lines) {
  if (columns_of(name) > kNameColumns) {
    lines.push_back(shortened(name, kColumns));
    name = "";
  }
  const size_t padding = kNameColumns - columns_of(name);
  lines.push_back(fmt::format("{}{:{}}{}", name, "", padding, figures));
}

void add_rest(size_t rows, std::vector<std::string>& lines) {
  if (rows > kRowsShown)
    lines.push_back(fmt::format("({} more)", rows - kRowsShown));
}

std::string rate_text(uint64_t count, double seconds) {
  return seconds > 0 ? short_rate(static_cast<double>(count) / seconds) : "-";
}

std::string time_text(const metrics::Histogram& histogram, double fraction) {
  return histogram.empty() ? "-" : short_time(histogram.quantile(fraction));
}

}  // namespace molotov::report
