// Aim: what was sent arrives, each in a datagram of its own and in order; and
// whatever the other side does, nobody waits and nothing grows without bound.
#include "net/datagram_sender.h"

#include <fcntl.h>

#include <algorithm>

#include "net/testing.h"

namespace molotov::net {
namespace {

class DatagramSenderTest : public LoopTest {
 protected:
  static Fd receiver(const std::string& host = "127.0.0.1") {
    Fd fd = bound(SOCK_DGRAM, host);
    const int bytes = 1 << 20;
    setsockopt(fd.get(), SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
    fcntl(fd.get(), F_SETFL, O_NONBLOCK);
    return fd;
  }
  // Of a Unix socket: the kernel keeps its sender back.
  static Fd unix_receiver() {
    Fd fd(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    const sockaddr any{.sa_family = AF_UNIX, .sa_data = {}};
    EXPECT_EQ(0, bind(fd.get(), &any, sizeof(sa_family_t)));  // abstract
    return fd;
  }
  // An address at which nobody listens: its owner hears but itself, and keeps
  // others from it.
  Address nobody() {
    Fd& fd = deaf_.emplace_back(bound(SOCK_DGRAM));
    Address address = address_of(fd.get());
    EXPECT_EQ(0, connect(fd.get(),
                         reinterpret_cast<const sockaddr*>(&address.storage),
                         address.size));
    return address;
  }

  static std::vector<std::string> received(const Fd& fd) {
    std::vector<std::string> all;
    char bytes[2048];
    ssize_t got;
    while ((got = recv(fd.get(), bytes, sizeof bytes, 0)) >= 0)
      all.emplace_back(bytes, static_cast<size_t>(got));
    return all;
  }
  void turn() { loop_->turn(0ns); }

  std::vector<Fd> deaf_;
  std::vector<Error> losses_;
  DatagramSender sender_{
      *loop_, [this](const Error& cause) { losses_.push_back(cause); }};
};

using Texts = std::vector<std::string>;

Texts numbers(size_t count) {
  Texts all;
  for (size_t i = 0; i < count; i++) all.push_back(std::to_string(i));
  return all;
}

TEST_F(DatagramSenderTest, SendsAtTheEndOfTheTurn) {
  const Fd peer = receiver();
  ASSERT_TRUE(sender_.open({address_of(peer.get())}));
  sender_.send("one");
  sender_.send("");
  sender_.send("three\nlines\n");
  EXPECT_EQ(received(peer), Texts{});
  turn();
  EXPECT_EQ(received(peer), Texts({"one", "", "three\nlines\n"}));
  EXPECT_EQ(sender_.lost(), 0u);
  EXPECT_TRUE(losses_.empty());
}

TEST_F(DatagramSenderTest, InAnyOrderEachIsADatagramOfItsOwn) {
  const Fd peer = receiver();
  ASSERT_TRUE(sender_.open({address_of(peer.get())}));
  Texts sent;
  for (size_t i = 0; i < 400; i++) {
    // Of five sizes, and one that is alone.
    sent.push_back(std::to_string(i * i) +
                   (i == 7 ? std::string(99, 'x') : ""));
    sender_.send_in_any_order(sent.back());
  }
  turn();
  Texts got = received(peer);
  std::ranges::sort(sent);
  std::ranges::sort(got);
  EXPECT_EQ(got, sent);
  EXPECT_EQ(sender_.lost(), 0U);
}

TEST_F(DatagramSenderTest, InAnyOrderLeavesTheOrderOfOthers) {
  const Fd peer = receiver();
  ASSERT_TRUE(sender_.open({address_of(peer.get())}));
  for (const std::string& text : numbers(100)) {
    sender_.send(text);
    sender_.send_in_any_order("any");
  }
  turn();
  Texts got = received(peer);
  EXPECT_EQ(std::erase(got, "any"), 100U);
  EXPECT_EQ(got, numbers(100));
}

TEST_F(DatagramSenderTest, InAnyOrderOfManySizesAndLargeOnes) {
  const Fd peer = receiver();
  ASSERT_TRUE(sender_.open({address_of(peer.get())}));
  Texts sent;
  for (size_t i = 0; i < 60; i++) {
    sent.push_back(std::string(i * 30, 'x'));
    sender_.send_in_any_order(sent.back());
    sender_.send_in_any_order(sent.back());
    sent.push_back(sent.back());
  }
  turn();
  Texts got = received(peer);
  const auto by_size = [](const auto& a, const auto& b) {
    return a.size() < b.size();
  };
  std::ranges::sort(got, by_size);
  EXPECT_EQ(got, sent);
}

TEST_F(DatagramSenderTest, InAnyOrderWhereTheKernelDoesNotCut) {
  const Fd peer = unix_receiver();
  ASSERT_TRUE(sender_.open({address_of(peer.get())}));
  for (const std::string& text : numbers(10)) sender_.send_in_any_order(text);
  turn();
  EXPECT_EQ(received(peer), numbers(10));
}

TEST_F(DatagramSenderTest, InAnyOrderToNobody) {
  ASSERT_TRUE(sender_.open({nobody()}));
  for (int i = 0; i < 3; i++) {
    for (const std::string& text : numbers(100))
      sender_.send_in_any_order(text);
    turn();
  }
  ASSERT_EQ(losses_.size(), 1U);
  EXPECT_EQ(losses_[0].code, ErrorCode::connect_refused);
}

TEST_F(DatagramSenderTest, SendsToIpv6) {
  const Fd peer = receiver("::1");
  ASSERT_TRUE(sender_.open({address_of(peer.get())}));
  sender_.send("six");
  turn();
  EXPECT_EQ(received(peer), Texts{"six"});
}

TEST_F(DatagramSenderTest, ATurnThatQueuesMuchSendsInBetween) {
  const Fd peer = unix_receiver();
  ASSERT_TRUE(sender_.open({address_of(peer.get())}));
  for (const std::string& text : numbers(600)) sender_.send(text);
  EXPECT_FALSE(received(peer).empty());
}

TEST_F(DatagramSenderTest, CloseSendsTheRest) {
  const Fd peer = receiver();
  ASSERT_TRUE(sender_.open({address_of(peer.get())}));
  sender_.send("last");
  sender_.close(1s);
  EXPECT_FALSE(sender_.is_open());
  EXPECT_EQ(received(peer), Texts{"last"});
  sender_.send("too late");
  turn();
  EXPECT_EQ(received(peer), Texts{});
  ASSERT_TRUE(sender_.open({address_of(peer.get())}));
  sender_.send("again");
  turn();
  EXPECT_EQ(received(peer), Texts{"again"});
}

TEST_F(DatagramSenderTest, NothingIsSentBeforeItIsOpen) {
  sender_.send("early");
  turn();
  sender_.close(1s);
  EXPECT_EQ(sender_.lost(), 0u);
}

TEST_F(DatagramSenderTest, WaitsForRoomWithoutBlocking) {
  const Fd peer = unix_receiver();
  ASSERT_TRUE(sender_.open({address_of(peer.get())}));
  const Texts sent = numbers(3000);
  for (const std::string& text : sent) sender_.send(text);
  Texts all;
  EXPECT_TRUE(turn_until([&] {
    for (std::string& text : received(peer)) all.push_back(std::move(text));
    return all.size() >= sent.size();
  }));
  EXPECT_EQ(all, sent);
  EXPECT_EQ(sender_.lost(), 0u);
}

TEST_F(DatagramSenderTest, ClosesThoughThePeerReadsNothing) {
  const Fd peer = unix_receiver();
  ASSERT_TRUE(sender_.open({address_of(peer.get())}));
  const Texts sent = numbers(3000);
  for (const std::string& text : sent) sender_.send(text);
  sender_.close(10ms);
  EXPECT_FALSE(sender_.is_open());
  EXPECT_EQ(received(peer).size() + sender_.lost(), sent.size());
  EXPECT_GT(sender_.lost(), 0u);
  turn();  // nothing of it is watched any more
}

TEST_F(DatagramSenderTest, TheQueueHasALimit) {
  const Fd peer = unix_receiver();
  ASSERT_TRUE(sender_.open({address_of(peer.get())}));
  for (size_t i = 0; i < DatagramSender::kQueuedMost + 5000; i++)
    sender_.send("x");
  EXPECT_GT(sender_.lost(), 0u);
  EXPECT_LE(sender_.lost(), 5000u);
  const uint64_t before = sender_.lost();
  sender_.send(std::string(DatagramSender::kQueuedBytesMost, 'x'));
  EXPECT_EQ(sender_.lost(), before + 1);
}

TEST_F(DatagramSenderTest, ARefusalIsToldOnce) {
  ASSERT_TRUE(sender_.open({nobody()}));
  for (int i = 0; i < 5; i++) {
    sender_.send("a");
    sender_.send("b");
    turn();
  }
  ASSERT_EQ(losses_.size(), 1u);
  EXPECT_EQ(losses_[0].code, ErrorCode::connect_refused);
  EXPECT_GE(sender_.lost(), 5u);
  EXPECT_TRUE(sender_.is_open());
}

TEST_F(DatagramSenderTest, WhereOneAddressRefusesTheNextIsTaken) {
  const Fd peer = receiver();
  ASSERT_TRUE(sender_.open({nobody(), address_of(peer.get())}));
  sender_.send("lost");
  turn();
  sender_.send("found");
  turn();
  EXPECT_EQ(received(peer), Texts{"found"});
  EXPECT_EQ(sender_.lost(), 1u);
  EXPECT_TRUE(losses_.empty());
}

TEST_F(DatagramSenderTest, WhatIsTooLongIsLostAlone) {
  const Fd peer = receiver();
  ASSERT_TRUE(sender_.open({address_of(peer.get())}));
  sender_.send("before");
  sender_.send(std::string(70'000, 'x'));
  sender_.send("after");
  turn();
  EXPECT_EQ(received(peer), Texts({"before", "after"}));
  EXPECT_EQ(sender_.lost(), 1u);
  ASSERT_EQ(losses_.size(), 1u);
  EXPECT_EQ(losses_[0].sys_errno, EMSGSIZE);
}

TEST_F(DatagramSenderTest, AnAddressThatCannotBeSentTo) {
  Address nonsense = *parse_address("127.0.0.1", 1);
  nonsense.storage.ss_family = AF_UNIX;  // of a path that is not there
  EXPECT_FALSE(sender_.open({nonsense}));
  EXPECT_FALSE(sender_.is_open());
  const Fd peer = receiver();
  ASSERT_TRUE(sender_.open({nonsense, address_of(peer.get())}));
  sender_.send("x");
  turn();
  EXPECT_EQ(received(peer), Texts{"x"});
}

}  // namespace
}  // namespace molotov::net
