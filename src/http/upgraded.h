// A connection that an answer of 101 has made another protocol's.
#pragma once

#include <memory>

#include "base/buffer.h"
#include "http/pool.h"
#include "net/stream.h"

namespace molotov::http {

struct Upgraded {
  std::unique_ptr<net::Stream> stream;
  Buffer input;            // what came behind the answer's head
  Pool::Place place = {};  // which it keeps in its pool
};

}  // namespace molotov::http
