// When bytes reached this machine, by the kernel (SO_TIMESTAMPING, software).
//
// A stamp is on the wall clock, which may be stepped at any moment; everything
// else is on the monotonic one. The loop reads both together after each wait,
// and a stamp is placed by its distance from that pair:
//
//   arrival = monotonic_then - (wall_then - stamp)
#pragma once

#include <sys/socket.h>

#include <optional>

#include "base/time.h"
#include "net/stream.h"

namespace molotov::net {

// What a stamp is placed by: both clocks, read together.
struct ClockPair {
  Instant monotonic;
  WallInstant wall;
};

// No bytes wait longer than this in a socket: what seems to is a step.
inline constexpr Duration kOldestArrival = std::chrono::minutes(5);

// `stamp` on the monotonic clock. What cannot be (an arrival after `now`, or
// ages before it: the wall clock was stepped) is unstamped, at `now`. Whether
// it came before the request was sent is for the caller to check.
Arrival place_stamp(WallInstant stamp, ClockPair then, Instant now);

// Asks the kernel for stamps on what `fd` receives; returns whether it will.
bool enable_receive_stamps(int fd);

// Room for what recvmsg brings along on such a socket.
struct StampControl {
  alignas(cmsghdr) char bytes[64];
};

// The stamp in the control data that recvmsg filled in, if there is one.
std::optional<WallInstant> find_stamp(const msghdr& message);

}  // namespace molotov::net
