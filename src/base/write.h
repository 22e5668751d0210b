// Writing to a descriptor that is not the loop's.
#pragma once

#include <unistd.h>

#include <cerrno>
#include <string_view>

#include "base/error.h"

namespace molotov {

// All of it, waiting as long as it takes. Fails as write() does, which is what
// `doing` names.
inline Result<> write_all(int fd, std::string_view bytes,
                          std::string_view doing) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno != EINTR) return fail_errno(doing);
    if (written > 0) bytes.remove_prefix(static_cast<size_t>(written));
  }
  return {};
}

}  // namespace molotov
