// Numbers drawn by a seed and a place: the same at the same place, whatever
// else was drawn, so that nothing need be kept but the seed. (SplitMix64, of
// which any number can be computed without those before it.)
#pragma once

#include <cstdint>

namespace molotov {

class Random {
 public:
  explicit constexpr Random(uint64_t seed) : key_(mix(seed + kStep)) {}

  // Another one, whose numbers have nothing to do with these.
  constexpr Random derived(uint64_t which) const {
    return Random(key_ ^ mix(which + 1));
  }

  // Uniform in [0, 1).
  constexpr double uniform(uint64_t place) const {
    return static_cast<double>(mix(key_ + (place + 1) * kStep) >> 11) * 0x1p-53;
  }

 private:
  static constexpr uint64_t kStep = 0x9e3779b97f4a7c15;
  static constexpr uint64_t mix(uint64_t x) {
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
    x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
    return x ^ (x >> 31);
  }

  uint64_t key_;
};

}  // namespace molotov
