// The spool gives back what it was given, in order, whatever its bounds; what
// does not fit is counted.
#include "cli/spool.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace molotov::cli {
namespace {

Spool small(size_t memory, uint64_t file) {
  return Spool({.memory_bytes = memory, .file_bytes = file},
               temporary_directory());
}

std::string take_all(Spool& spool, size_t piece = 7) {
  std::string all;
  while (!spool.empty()) all += spool.take(piece);
  return all;
}

TEST(Spool, KeepsTheOrderFromMemoryToFile) {
  Spool spool = small(10, 100);
  for (const char* text : {"12345", "67890", "abcde", "fg", "h"})
    spool.put(text);
  EXPECT_EQ(take_all(spool), "1234567890abcdefgh");
  EXPECT_EQ(spool.dropped(), 0);
}

TEST(Spool, StaysInTheFileUntilThatIsEmpty) {
  Spool spool = small(4, 100);
  spool.put("1234");
  spool.put("in the file");
  EXPECT_EQ(spool.take(4), "1234");
  spool.put("5");  // there is room in memory, but it would come too early
  EXPECT_EQ(take_all(spool), "in the file5");
  spool.put("6789");
  EXPECT_EQ(take_all(spool), "6789");
}

TEST(Spool, DropsWholePiecesAndCountsThem) {
  Spool spool = small(4, 8);
  spool.put("1234");
  spool.put("567890");
  spool.put("abc");  // two more would fit
  spool.put("de");
  EXPECT_EQ(spool.dropped(), 3);
  EXPECT_EQ(take_all(spool), "1234567890de");
  spool.put("0123456789");  // larger than both
  EXPECT_EQ(spool.dropped(), 13);
  EXPECT_TRUE(spool.empty());
}

TEST(Spool, FileIsARing) {
  Spool spool = small(0, 1000);
  std::mt19937 random(testing::UnitTest::GetInstance()->random_seed());
  std::string given, taken;
  char next = 'a';
  for (int i = 0; i < 10'000; ++i) {
    const std::string piece(1 + random() % 200, next);
    next = next == 'z' ? 'a' : static_cast<char>(next + 1);
    const uint64_t dropped = spool.dropped();
    spool.put(piece);
    if (spool.dropped() == dropped) given += piece;
    // As much as is put in, on average: the ring is full and empty many times.
    taken += spool.take(random() % 200);
  }
  taken += take_all(spool);
  EXPECT_GT(spool.dropped(), 0);
  EXPECT_TRUE(taken == given);  // which are long
}

TEST(Spool, WithoutADirectoryItHasItsMemory) {
  Spool spool({.memory_bytes = 4, .file_bytes = 100}, "/nowhere");
  spool.put("1234");
  spool.put("5");
  EXPECT_EQ(take_all(spool), "1234");
  EXPECT_EQ(spool.dropped(), 1);
}

}  // namespace
}  // namespace molotov::cli
