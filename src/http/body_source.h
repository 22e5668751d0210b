// A request's body that is made while it is sent: a file, or what a program
// brings piece by piece.
#pragma once

#include <cstdint>
#include <optional>

#include "base/buffer.h"
#include "base/error.h"

namespace molotov::http {

// Used on the loop's thread. Outlives the exchange that sends it.
class BodySource {
 public:
  enum class Next : uint8_t {
    more,  // fill() may be called again at once
    wait,  // there is no more yet: whoever brings it calls
           // Exchange::continue_body()
    end,
  };

  // In bytes, where it is known before: it is sent as Content-Length then, and
  // as chunks otherwise (RFC 9112 section 7.1).
  virtual std::optional<uint64_t> size() const = 0;

  // Appends what comes next to `out`: some ten KiB, or nothing where the answer
  // is `wait` or `end`. Must not run user code or touch the exchange. An error
  // fails the exchange.
  virtual Result<Next> fill(Buffer& out) = 0;

  // Begins again, for a request that is sent once more; false where it cannot.
  virtual bool rewind() = 0;

 protected:
  ~BodySource() = default;
};

}  // namespace molotov::http
