// A descriptor is closed once, by its last owner.
#include "base/fd.h"

#include <fcntl.h>
#include <gtest/gtest.h>

#include <utility>

namespace molotov {
namespace {

int open_one() {
  return open("/dev/null", O_RDONLY | O_CLOEXEC);
}
bool is_open(int fd) {
  return fcntl(fd, F_GETFD) != -1;
}

TEST(Fd, ClosesAtItsEnd) {
  int number;
  {
    const Fd fd(open_one());
    number = fd.get();
    EXPECT_TRUE(fd);
    EXPECT_TRUE(is_open(number));
  }
  EXPECT_FALSE(is_open(number));
}

TEST(Fd, NoneIsFalse) {
  EXPECT_FALSE(Fd());
  EXPECT_FALSE(Fd(-1));
  EXPECT_TRUE(Fd(dup(0)));
}

TEST(Fd, MovesOwnership) {
  Fd from(open_one());
  const int number = from.get();
  Fd to(std::move(from));
  EXPECT_FALSE(from);
  EXPECT_EQ(to.get(), number);

  Fd other(open_one());
  const int replaced = other.get();
  other = std::move(to);
  EXPECT_FALSE(is_open(replaced));
  EXPECT_TRUE(is_open(number));
  Fd& itself = other;
  other = std::move(itself);
  EXPECT_TRUE(is_open(number));
}

TEST(Fd, ReleaseLeavesItOpen) {
  Fd fd(open_one());
  const int number = fd.release();
  EXPECT_FALSE(fd);
  EXPECT_TRUE(is_open(number));
  Fd(number).reset();
  EXPECT_FALSE(is_open(number));
}

}  // namespace
}  // namespace molotov
