// Time as the engine has it: nanoseconds on CLOCK_MONOTONIC. The wall clock is
// read only to understand the kernel's stamps, which are on it.
#pragma once

#include <chrono>
#include <ctime>

namespace molotov {

using Duration = std::chrono::nanoseconds;
using namespace std::chrono_literals;

// CLOCK_MONOTONIC, as std::chrono sees a clock.
struct MonotonicClock {
  using duration = Duration;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<MonotonicClock>;
  static constexpr bool is_steady = true;
  static time_point now() {
    timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return time_point(std::chrono::seconds(t.tv_sec) + Duration(t.tv_nsec));
  }
};

// CLOCK_REALTIME: may step at any moment.
struct WallClock {
  using duration = Duration;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<WallClock>;
  static constexpr bool is_steady = false;
  static time_point now() {
    timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return time_point(std::chrono::seconds(t.tv_sec) + Duration(t.tv_nsec));
  }
};

using Instant = MonotonicClock::time_point;
using WallInstant = WallClock::time_point;

// A span given in seconds by a person (options, Python).
constexpr Duration seconds_to_duration(double seconds) {
  return Duration(static_cast<Duration::rep>(seconds * 1e9));
}

constexpr double duration_to_seconds(Duration span) {
  return static_cast<double>(span.count()) * 1e-9;
}

}  // namespace molotov
