// When bytes count as fast, and how long they gather before they are told of.
#include "net/gathering.h"

#include <poll.h>

#include "net/testing.h"

namespace molotov::net {
namespace {

constexpr size_t kRoom = 64 * 1024;

// Notes reads of `bytes`, each `apart` from the last, for 64 MiB. How many of
// them were told to be fast.
int fast_reads(size_t bytes, Duration apart) {
  Haste haste;
  Instant now{1h};
  int fast = 0;
  for (size_t all = 0; all < size_t{64} << 20; all += bytes)
    fast += haste.note(bytes, now += apart);
  return fast;
}

TEST(Haste, IsOfMuchThatComesFast) {
  // The first 8 MiB only tell where it begins.
  EXPECT_EQ(fast_reads(kRoom, 300us), 7);
  EXPECT_EQ(fast_reads(kRoom, 500us), 0);
}

TEST(Haste, IsNotToldByReadsOfLittle) {
  EXPECT_EQ(fast_reads(4096, 1us), 0);
}

class Reading final : public io::Work {
 public:
  int posted = 0;

 private:
  void on_turn() override { posted++; }
};

class GatheringTest : public LoopTest {
 protected:
  GatheringTest() {
    std::tie(peer_, own_) = connected_pair();
    gathering_ = Gathering::begin(*loop_, own_.get(), reading_);
  }
  void send_bytes(size_t bytes) {
    const std::string text(bytes, 'x');
    EXPECT_EQ(ssize_t(bytes), send(peer_.get(), text.data(), bytes, 0));
  }
  // Whether there is something to be told of, within so long.
  bool is_told(Duration longest) {
    pollfd socket{own_.get(), POLLIN, 0};
    return poll(&socket, 1, static_cast<int>(longest / 1ms)) == 1;
  }
  // Reads all that is there, as a stream would. Whether to go on.
  bool read_all() {
    char bytes[kRoom];
    ssize_t got;
    bool goes_on;
    do {
      got = recv(own_.get(), bytes, sizeof bytes, MSG_DONTWAIT);
      goes_on = gathering_->on_read(got, sizeof bytes);
    } while (got == ssize_t(sizeof bytes));
    return goes_on;
  }

  Fd peer_, own_;
  Reading reading_;
  std::unique_ptr<Gathering> gathering_;
};

TEST_F(GatheringTest, LittleIsToldOnceItIsMuch) {
  ASSERT_TRUE(gathering_);
  send_bytes(1000);
  EXPECT_FALSE(is_told(0ms));
  send_bytes(256 * 1024);
  EXPECT_TRUE(is_told(kPatience));
}

TEST_F(GatheringTest, LittleIsReadAfterAWhile) {
  send_bytes(256 * 1024);
  ASSERT_TRUE(is_told(kPatience));
  EXPECT_TRUE(read_all());
  ASSERT_TRUE(turn_until([&] { return reading_.posted == 1; }));
  // Nothing has come meanwhile.
  EXPECT_FALSE(read_all());
}

TEST_F(GatheringTest, GoesOnWhileMuchComesInThatWhile) {
  EXPECT_TRUE(read_all());
  ASSERT_TRUE(turn_until([&] { return reading_.posted == 1; }));
  send_bytes(256 * 1024);
  ASSERT_TRUE(is_told(kPatience));
  EXPECT_TRUE(read_all());
  EXPECT_FALSE(loop_->next_deadline() == Instant::max());
}

TEST_F(GatheringTest, NoMoreIsWaitedForThanIsExpected) {
  gathering_->expect(1500);
  send_bytes(500);
  EXPECT_TRUE(read_all());
  send_bytes(999);
  EXPECT_FALSE(is_told(0ms));
  send_bytes(1);
  EXPECT_TRUE(is_told(kPatience));
  // That was all.
  EXPECT_FALSE(read_all());
}

TEST_F(GatheringTest, AtItsEndWhatIsThereIsTold) {
  send_bytes(1);
  EXPECT_FALSE(is_told(0ms));
  gathering_.reset();
  EXPECT_TRUE(is_told(kPatience));
}

TEST_F(GatheringTest, AtTheStreamsEndWhatIsThereIsTold) {
  send_bytes(1);
  peer_.reset();
  EXPECT_TRUE(is_told(kPatience));
}

TEST_F(GatheringTest, IsOfTcpAlone) {
  int ends[2];
  ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends));
  const Fd one(ends[0]), other(ends[1]);
  EXPECT_FALSE(Gathering::begin(*loop_, one.get(), reading_));
}

}  // namespace
}  // namespace molotov::net
