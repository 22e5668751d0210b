#include "net/stream.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace molotov::net {

// As much as a TLS record holds.
IoResult Stream::write_file(int file, uint64_t offset, size_t bytes) {
  char piece[16 * 1024];
  ssize_t got;
  do {
    got = pread(file, piece, std::min(bytes, sizeof piece),
                static_cast<off_t>(offset));
  } while (got < 0 && errno == EINTR);
  if (got == 0) return {.status = IoStatus::closed};
  if (got > 0) return write({piece, static_cast<size_t>(got)});
  error_ = error_from_errno(errno, "read the file to be sent");
  return {.status = IoStatus::failed};
}

}  // namespace molotov::net
