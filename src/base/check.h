// CHECK(condition): what must hold unless this program has a bug. On in every
// build; a failure names the place and aborts. Never reachable by user input.
#pragma once

namespace molotov {

[[noreturn]] void check_failed(const char* condition, const char* file,
                               int line);

}  // namespace molotov

#define CHECK(condition) \
  ((condition) ? void(0) \
               : ::molotov::check_failed(#condition, __FILE__, __LINE__))
