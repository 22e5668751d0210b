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

// A span given in seconds by a person (options, Python), to the nearest
// nanosecond. A century stands for all that is longer, so that an instant can
// be computed from it; NaN is none.
constexpr Duration kLongestSpan = std::chrono::hours(100 * 365 * 24);
constexpr Duration seconds_to_duration(double seconds) {
  constexpr auto kMost = static_cast<double>(kLongestSpan.count());
  const double ns = seconds * 1e9;
  if (ns >= kMost) return kLongestSpan;
  if (ns <= -kMost) return -kLongestSpan;
  if (ns != ns) return Duration(0);
  return Duration(static_cast<Duration::rep>(ns + (ns < 0 ? -0.5 : 0.5)));
}

constexpr double duration_to_seconds(Duration span) {
  return static_cast<double>(span.count()) / 1e9;
}

}  // namespace molotov
