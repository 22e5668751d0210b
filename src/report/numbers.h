// Numbers as people read them.
#pragma once

#include <cstdint>
#include <string>

#include "base/time.h"

namespace molotov::report {

// "1,234,567".
std::string with_commas(uint64_t number);

// In at most 7 characters: "123,456", "12.3M", "4.56G".
std::string short_count(uint64_t number);

// To three digits: "85.2us", "1.20ms", "23.4s", "3600s". Six characters at
// most.
std::string short_time(Duration span);

// Of a second, in at most 6: "0.25", "12.3", "1,234", "123k".
std::string short_rate(double per_second);

// Any value to three digits, in at most 8: "12.5", "-0.00123", "123,456",
// "1.2e-05". REQUIRES: it is within 1e99 of zero, or it is longer.
std::string short_value(double value);

}  // namespace molotov::report
