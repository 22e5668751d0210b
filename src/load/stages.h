// --stages as it is written: "30s:100,2m:1000,30s:0", where each part says how
// long it takes to reach a level, from 0 at first; of workers, or of a rate
// ("30s:100/s").
#pragma once

#include <string_view>
#include <vector>

#include "base/error.h"
#include "load/profile.h"

namespace molotov::load {

struct Stages {
  bool of_rate = false;  // runs a second; else workers
  std::vector<Piece> pieces;

  Duration length() const;
  double highest() const;
};

// Fails with invalid_argument; the detail says what it must be.
Result<Stages> parse_stages(std::string_view text);

}  // namespace molotov::load
