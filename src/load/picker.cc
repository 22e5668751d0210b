#include "load/picker.h"

#include <algorithm>

#include "base/check.h"

namespace molotov::load {

Picker::Picker(const std::vector<ScenarioInfo>& scenarios)
    : last_(scenarios.size() - 1) {
  CHECK(!scenarios.empty());
  upto_.reserve(scenarios.size());
  double sum = 0;
  for (size_t i = 0; i < scenarios.size(); i++) {
    if (scenarios[i].weight > 0) {
      sum += scenarios[i].weight;
      last_ = i;
    }
    upto_.push_back(sum);
  }
}

size_t Picker::pick(double draw) const {
  const auto found =
      std::upper_bound(upto_.begin(), upto_.end(), draw * upto_.back());
  // The product may be rounded up to the sum itself, which no entry exceeds.
  return std::min(static_cast<size_t>(found - upto_.begin()), last_);
}

}  // namespace molotov::load
