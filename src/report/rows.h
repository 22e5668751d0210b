// The rows of the tables at the end of a run: a name, and figures in columns
// behind it. 80 columns, where a name and its figures have room in them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "metrics/histogram.h"

namespace molotov::report {

constexpr size_t kColumns = 80;
constexpr size_t kNameColumns = 22;
// Of one table.
constexpr size_t kRowsShown = 20;

// `text` cut to so many columns, with a mark where something was left away.
std::string shortened(std::string_view text, size_t columns);

// A name that is too long for its column has a line of its own.
void add_row(std::string_view name, const std::string& figures,
             std::vector<std::string>& lines);

// Of so many rows, those beyond kRowsShown were left away.
void add_rest(size_t rows, std::vector<std::string>& lines);

// "1,234", of a second; "-" where no time has passed.
std::string rate_text(uint64_t count, double seconds);

// "1.20ms"; "-" where nothing was measured.
std::string time_text(const metrics::Histogram& histogram, double fraction);

}  // namespace molotov::report
