// Kernel stamps are placed on the monotonic clock, and one that cannot be is
// not believed, whatever the wall clock did between.
#include "net/stamp.h"

#include <gtest/gtest.h>
#include <linux/errqueue.h>

#include <cstring>

namespace molotov::net {
namespace {

constexpr Instant kMonotonic{1000s};
constexpr WallInstant kWall{1'700'000'000s};
constexpr ClockPair kThen{kMonotonic, kWall};

TEST(PlaceStamp, IsAsFarFromThePairOnBothClocks) {
  const Arrival before = place_stamp(kWall - 3ms, kThen, kMonotonic + 1ms);
  EXPECT_TRUE(before.stamped);
  EXPECT_EQ(before.at, kMonotonic - 3ms);
  // Bytes that came after the loop's wait ended, and before they were read.
  const Arrival after = place_stamp(kWall + 2us, kThen, kMonotonic + 5us);
  EXPECT_TRUE(after.stamped);
  EXPECT_EQ(after.at, kMonotonic + 2us);
}

TEST(PlaceStamp, WhatCannotBeIsUnstampedAtNow) {
  struct Row {
    const char* what;
    Duration wall_step;  // of the wall clock, between the stamp and the pair
    bool stamped;
  };
  const Row rows[] = {
      {"no step", 0s, true},
      {"back by an hour: seems to come from the future", -1h, false},
      {"back by what the stamp is old", -1ms, true},
      {"back by a little more", -1ms - 1us - 1ns, false},
      {"forward by an hour: seems to have waited for one", 1h, false},
      {"forward to the limit", kOldestArrival - 1ms - 1us, true},
      {"forward beyond it", kOldestArrival, false},
  };
  for (const Row& row : rows) {
    // Arrived 1 ms before the loop woke up; the clock was stepped in between.
    const WallInstant stamp = kWall - 1ms;
    const ClockPair then{kMonotonic, kWall + row.wall_step};
    const Instant now = kMonotonic + 1us;
    const Arrival arrival = place_stamp(stamp, then, now);
    EXPECT_EQ(arrival.stamped, row.stamped) << row.what;
    EXPECT_LE(arrival.at, now) << row.what;
    if (!row.stamped) {
      EXPECT_EQ(arrival.at, now) << row.what;
    }
  }
}

// A message with one control header, as recvmsg would bring it.
struct Message {
  Message(int level, int type, timespec software) {
    header.msg_control = &control;
    header.msg_controllen = CMSG_SPACE(sizeof(scm_timestamping));
    cmsghdr* first = CMSG_FIRSTHDR(&header);
    first->cmsg_level = level;
    first->cmsg_type = type;
    first->cmsg_len = CMSG_LEN(sizeof(scm_timestamping));
    const scm_timestamping stamps{{software, {}, {}}};
    std::memcpy(CMSG_DATA(first), &stamps, sizeof stamps);
  }
  StampControl control{};
  msghdr header{};
};

TEST(FindStamp, TakesTheSoftwareStampAndNothingElse) {
  const timespec at{1'700'000'000, 5};
  const Message good(SOL_SOCKET, SO_TIMESTAMPING, at);
  EXPECT_EQ(find_stamp(good.header), kWall + 5ns);

  const Message zero(SOL_SOCKET, SO_TIMESTAMPING, {});
  EXPECT_FALSE(find_stamp(zero.header));
  const Message other(SOL_SOCKET, SCM_RIGHTS, at);
  EXPECT_FALSE(find_stamp(other.header));
  Message none(SOL_SOCKET, SO_TIMESTAMPING, at);
  none.header.msg_controllen = 0;
  EXPECT_FALSE(find_stamp(none.header));
}

}  // namespace
}  // namespace molotov::net
