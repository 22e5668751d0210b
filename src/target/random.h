// Random numbers that a seed repeats.
#pragma once

#include <cstdint>

namespace molotov::target {

// SplitMix64.
class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed) {}

  // Uniform in [0, 1).
  double unit();
  // Of the normal distribution with mean 0 and standard deviation 1.
  double normal();

 private:
  uint64_t state_;
};

}  // namespace molotov::target
