// How a request failed, for counting.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/error.h"

namespace molotov::metrics {

// The board's index; add at the end only.
enum class ErrorKind : uint8_t {
  dns,
  refused,
  unreachable,
  connect,
  tls,
  reset,
  disconnected,
  truncated,
  malformed,
  timeout,
  cancelled,
  other,
};
constexpr size_t kErrorKinds = 12;
std::string_view to_string(ErrorKind kind);
ErrorKind kind_of(ErrorCode code);

}  // namespace molotov::metrics
