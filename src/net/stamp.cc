#include "net/stamp.h"

#include <linux/errqueue.h>
#include <linux/net_tstamp.h>

#include <cstring>

namespace molotov::net {

static_assert(sizeof(StampControl) >= CMSG_SPACE(sizeof(scm_timestamping)));

Arrival place_stamp(WallInstant stamp, ClockPair then, Instant now) {
  const Instant at = then.monotonic - (then.wall - stamp);
  if (at > now || at < now - kOldestArrival) return {now, now, false};
  return {at, now, true};
}

bool enable_receive_stamps(int fd) {
  const int flags = SOF_TIMESTAMPING_RX_SOFTWARE | SOF_TIMESTAMPING_SOFTWARE;
  return setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPING, &flags, sizeof flags) == 0;
}

std::optional<WallInstant> find_stamp(const msghdr& message) {
  // Stamps are all that was asked for, so the first header is the only one.
  const cmsghdr* header = CMSG_FIRSTHDR(&message);
  if (!header || header->cmsg_level != SOL_SOCKET ||
      header->cmsg_type != SCM_TIMESTAMPING ||
      header->cmsg_len < CMSG_LEN(sizeof(timespec)))
    return {};
  timespec software;  // the first of three; the others are the hardware's
  std::memcpy(&software, CMSG_DATA(header), sizeof software);
  if (software.tv_sec == 0 && software.tv_nsec == 0) return {};
  return WallInstant(std::chrono::seconds(software.tv_sec) +
                     Duration(software.tv_nsec));
}

}  // namespace molotov::net
