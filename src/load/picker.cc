#include "load/picker.h"

#include <algorithm>
#include <numeric>

#include "base/check.h"

namespace molotov::load {

Picker::Picker(const std::vector<ScenarioInfo>& scenarios)
    : by_name_(scenarios.size()), last_(scenarios.size() - 1) {
  CHECK(!scenarios.empty());
  std::iota(by_name_.begin(), by_name_.end(), 0);
  std::ranges::sort(by_name_, {}, [&](size_t i) -> const std::string& {
    return scenarios[i].name;
  });
  upto_.reserve(scenarios.size());
  double sum = 0;
  for (size_t i = 0; i < scenarios.size(); i++) {
    const double weight = scenarios[by_name_[i]].weight;
    if (weight > 0) {
      sum += weight;
      last_ = i;
    }
    upto_.push_back(sum);
  }
}

size_t Picker::pick(double draw) const {
  const auto found =
      std::upper_bound(upto_.begin(), upto_.end(), draw * upto_.back());
  // The product may be rounded up to the sum itself, which no entry exceeds.
  const auto place = static_cast<size_t>(found - upto_.begin());
  return by_name_[std::min(place, last_)];
}

}  // namespace molotov::load
