// Which scenario a worker runs next, by weight: a draw is looked up among the
// cumulative weights of the scenarios in their order, which is by name.
#pragma once

#include <vector>

#include "load/scenario.h"

namespace molotov::load {

class Picker {
 public:
  // REQUIRES: at least one scenario. A weight that is not above 0 is never
  // picked, unless all are so: then it is always the last scenario.
  explicit Picker(const std::vector<ScenarioInfo>& scenarios);

  // The scenario of a draw that is uniform in [0, 1). There always is one.
  size_t pick(double draw) const;

 private:
  std::vector<double> upto_;  // the weights' sums, each with its own in it
  size_t last_ = 0;           // that can be picked
};

}  // namespace molotov::load
