// Which scenario a worker runs next, by weight: a draw is looked up among the
// cumulative weights of the scenarios by name, whatever order they are in, so
// that a seed picks the same ones as it always did.
#pragma once

#include <vector>

#include "load/scenario.h"

namespace molotov::load {

class Picker {
 public:
  // REQUIRES: at least one scenario. A weight that is not above 0 is never
  // picked, unless all are so: then it is always the last scenario by name.
  explicit Picker(const std::vector<ScenarioInfo>& scenarios);

  // The index of the scenario of a draw that is uniform in [0, 1). There always
  // is one.
  size_t pick(double draw) const;

 private:
  std::vector<size_t> by_name_;  // indices of the scenarios
  // Of the same: the weights' sums, each with its own in it.
  std::vector<double> upto_;
  size_t last_ = 0;  // that can be picked
};

}  // namespace molotov::load
