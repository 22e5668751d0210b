// What a streamed request body looks like on the wire.
#pragma once

#include <cstdint>

#include "base/buffer.h"
#include "base/error.h"
#include "http/body_source.h"

namespace molotov::http {

// Frames a source's pieces: as they are where its size is known, which is held
// to, else as chunks with the last one behind them (RFC 9112 section 7.1).
class BodyFramer {
 public:
  BodyFramer() = default;
  // `source` is borrowed; nullptr: a body without content, at its end.
  explicit BodyFramer(BodySource* source) : source_(source) {}

  // Nothing more will come: all was appended.
  bool done() const { return source_ == nullptr; }

  // Appends the next piece to `out`; false where there is none yet. Fails with
  // what the source fails with, and with invalid_argument where it has more or
  // less than its size.
  // REQUIRES: !done()
  Result<bool> fill(Buffer& out);

 private:
  Result<> check_size(bool ended) const;
  static void close_gap(size_t piece_bytes, Buffer& out);

  BodySource* source_ = nullptr;
  uint64_t filled_bytes_ = 0;
};

}  // namespace molotov::http
