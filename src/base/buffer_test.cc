// The buffer against a std::string that has the same done to it.
#include "base/buffer.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <utility>

namespace molotov {
namespace {

TEST(Buffer, EmptyAtFirst) {
  Buffer buffer;
  EXPECT_TRUE(buffer.empty());
  EXPECT_EQ(buffer.size(), 0u);
  EXPECT_EQ(buffer.view(), "");
  buffer.append("");
  buffer.consume(0);
  EXPECT_TRUE(buffer.empty());
}

TEST(Buffer, AppendedAtTheBackConsumedAtTheFront) {
  Buffer buffer;
  buffer.append("Hello, ");
  buffer.append("world");
  EXPECT_EQ(buffer.view(), "Hello, world");
  buffer.consume(7);
  EXPECT_EQ(buffer.view(), "world");
  buffer.append("!");
  EXPECT_EQ(buffer.view(), "world!");
  buffer.consume(6);
  EXPECT_TRUE(buffer.empty());
  buffer.append("again");
  EXPECT_EQ(buffer.view(), "again");
}

TEST(Buffer, PreparedRoomIsNotContentUntilItIsCommitted) {
  Buffer buffer;
  buffer.append("ab");
  const std::span<char> room = buffer.prepare(1000);
  ASSERT_GE(room.size(), 1000u);
  room[0] = 'c';
  EXPECT_EQ(buffer.view(), "ab");
  buffer.commit(1);
  EXPECT_EQ(buffer.view(), "abc");
}

TEST(Buffer, IsAQueueOfBytes) {
  std::mt19937 random(1);
  Buffer buffer;
  std::string same;
  const std::string letters = "abcdefghijklmnopqrstuvwxyz";
  for (int i = 0; i < 200'000; i++) {
    if (random() % 2) {
      std::string more;
      for (size_t n = random() % 300; n > 0; n--)
        more += letters[random() % letters.size()];
      buffer.append(more);
      same += more;
    } else {
      const size_t less = random() % (same.size() + 1);
      buffer.consume(less);
      same.erase(0, less);
    }
    ASSERT_EQ(buffer.view(), same);
  }
}

TEST(Buffer, LongLivedQueueDoesNotGrow) {
  Buffer buffer;
  buffer.append("x");
  const size_t room_before = buffer.prepare(100).size();
  for (int i = 0; i < 1'000'000; i++) {
    buffer.append("y");
    buffer.consume(1);
  }
  EXPECT_EQ(buffer.size(), 1u);
  EXPECT_LE(buffer.prepare(0).size(), 16 * room_before);
}

TEST(Buffer, MovedFromGivesItsContent) {
  Buffer from;
  from.append("content");
  Buffer to(std::move(from));
  EXPECT_EQ(to.view(), "content");
  Buffer third;
  third = std::move(to);
  EXPECT_EQ(third.view(), "content");
}

TEST(Buffer, ResetGivesItsMemoryBack) {
  Buffer buffer;
  buffer.append(std::string(1 << 20, 'x'));
  buffer.reset();
  EXPECT_TRUE(buffer.empty());
  EXPECT_EQ(buffer.prepare(0).size(), 0u);
  buffer.append(std::string(1 << 20, 'x'));
  buffer.consume(1 << 20);  // and so does running empty, of so much
  EXPECT_LT(buffer.prepare(0).size(), size_t{1} << 16);
}

TEST(BufferDeathTest, ConsumingMoreThanThereIsIsABug) {
  Buffer buffer;
  buffer.append("abc");
  EXPECT_DEATH(buffer.consume(4), "bytes <= size");
}

}  // namespace
}  // namespace molotov
