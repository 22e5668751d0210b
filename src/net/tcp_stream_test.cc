// A plain stream against a socket of the test's own: what it reads, what it
// tells its listener, when, and that the listener may destroy it at any time.
#include "net/tcp_stream.h"

#include <fcntl.h>
#include <netinet/tcp.h>
#include <sys/mman.h>

#include "net/testing.h"

namespace molotov::net {
namespace {

class TcpStreamTest : public LoopTest {
 protected:
  TcpStreamTest() { std::tie(peer_, stream_) = adopt(connected_pair()); }

  std::pair<Fd, std::unique_ptr<TcpStream>> adopt(std::pair<Fd, Fd> ends) {
    auto stream = TcpStream::adopt(*loop_, std::move(ends.second));
    EXPECT_TRUE(stream.has_value());
    return {std::move(ends.first), std::move(*stream)};
  }
  void send_text(std::string_view text) {
    EXPECT_EQ(ssize_t(text.size()),
              send(peer_.get(), text.data(), text.size(), MSG_NOSIGNAL));
  }
  std::string receive() {
    char bytes[100];
    const ssize_t got = recv(peer_.get(), bytes, sizeof bytes, 0);
    return {bytes, got > 0 ? size_t(got) : 0};
  }
  // Writes until the kernel takes no more.
  void fill() {
    const std::string much(1 << 20, 'x');
    IoResult result;
    do {
      result = stream_->write(much);
    } while (result.status == IoStatus::ok);
    EXPECT_EQ(result.status, IoStatus::would_block);
  }
  void empty_peer() {
    char bytes[1 << 16];
    while (recv(peer_.get(), bytes, sizeof bytes, MSG_DONTWAIT) > 0) {
    }
  }

  // How many bytes must be there before they are told of.
  int least() const {
    int bytes = 0;
    socklen_t size = sizeof bytes;
    getsockopt(stream_->fd(), SOL_SOCKET, SO_RCVLOWAT, &bytes, &size);
    return bytes;
  }
  // Sends much and reads it, for as long as it takes until the stream holds it
  // to be fast; false on a machine that is too slow.
  bool make_fast() {
    Reader reader(*stream_);
    std::vector<char> room(64 * 1024);
    reader.on_data = [&] {
      while (stream_->read(room).status == IoStatus::ok) {
      }
    };
    const std::string much(128 * 1024, 'x');
    const bool fast = turn_until([&] {
      send(peer_.get(), much.data(), much.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
      return least() > 1;
    });
    stream_->set_listener(nullptr);
    return fast;
  }

  Fd peer_;
  std::unique_ptr<TcpStream> stream_;
};

TEST_F(TcpStreamTest, PreparesTheSocket) {
  EXPECT_TRUE(fcntl(stream_->fd(), F_GETFL) & O_NONBLOCK);
  int on = 0;
  socklen_t size = sizeof on;
  getsockopt(stream_->fd(), IPPROTO_TCP, TCP_NODELAY, &on, &size);
  EXPECT_TRUE(on);
}

TEST_F(TcpStreamTest, CarriesBytesBothWays) {
  Reader reader(*stream_);
  send_text("hello");
  ASSERT_TRUE(turn_until([&] { return reader.text == "hello"; }));
  EXPECT_TRUE(reader.last.drained);
  const IoResult sent = stream_->write("world");
  EXPECT_EQ(sent.status, IoStatus::ok);
  EXPECT_EQ(sent.bytes, 5u);
  EXPECT_EQ(receive(), "world");
}

TEST_F(TcpStreamTest, BringsNoArrivalWhereNobodyAsksForIt) {
  stream_->stop_stamping();
  Reader reader(*stream_);
  send_text("hello");
  ASSERT_TRUE(turn_until([&] { return reader.text == "hello"; }));
  EXPECT_TRUE(reader.last.drained);
  EXPECT_FALSE(reader.arrival.stamped);
  EXPECT_EQ(reader.arrival.at, Instant());
  peer_ = Fd();
  ASSERT_TRUE(
      turn_until([&] { return reader.last.status == IoStatus::closed; }));
}

TEST_F(TcpStreamTest, ArrivalIsWhenTheKernelGotIt) {
  Reader reader(*stream_);
  // The kernel begins to stamp a moment after the first socket asks for it.
  for (int i = 0; i < 1000 && !reader.arrival.stamped; i++) {
    const Instant before = MonotonicClock::now();
    send_text("x");
    const Instant sent = MonotonicClock::now();
    // However late it is read.
    while (MonotonicClock::now() < sent + 2ms) {
    }
    reader.text.clear();
    ASSERT_TRUE(turn_until([&] { return !reader.text.empty(); }));
    if (!reader.arrival.stamped) continue;
    EXPECT_LE(reader.arrival.at, sent);
    EXPECT_GT(reader.arrival.at, before - 1s);
  }
  EXPECT_TRUE(reader.arrival.stamped);
}

TEST_F(TcpStreamTest, IsDrainedOnlyWhenAReadWasShort) {
  Reader reader(*stream_);
  reader.on_data = [] {};
  send_text("0123456789");
  ASSERT_TRUE(turn_until([&] { return reader.readable > 0; }));
  char bytes[4];
  for (const bool drained : {false, false, true}) {
    const IoResult result = stream_->read(bytes);
    EXPECT_EQ(result.status, IoStatus::ok);
    EXPECT_EQ(result.drained, drained);
  }
  EXPECT_EQ(stream_->read(bytes).status, IoStatus::would_block);
}

TEST_F(TcpStreamTest, WhatComesBeforeTheEndIsRead) {
  send_text("last words");
  peer_.reset();
  Reader reader(*stream_);
  ASSERT_TRUE(turn_until([&] { return reader.readable > 0; }));
  EXPECT_EQ(reader.text, "last words");
  EXPECT_TRUE(reader.hung_up);
  EXPECT_EQ(reader.last.status, IoStatus::closed);
}

TEST_F(TcpStreamTest, AResetIsAFailureWithACode) {
  Reader reader(*stream_);
  reset_peer(std::move(peer_));
  ASSERT_TRUE(turn_until([&] { return reader.readable > 0; }));
  EXPECT_EQ(reader.last.status, IoStatus::failed);
  EXPECT_EQ(stream_->error().code, ErrorCode::reset);
  EXPECT_EQ(stream_->error().detail, "read: Connection reset by peer");
  EXPECT_EQ(stream_->write("x").status, IoStatus::failed);
  EXPECT_EQ(stream_->error().code, ErrorCode::reset);
}

TEST_F(TcpStreamTest, TellsOfRoomOnlyAfterAWriteHadNone) {
  Reader reader(*stream_);
  send_text("x");
  ASSERT_TRUE(turn_until([&] { return reader.readable == 1; }));
  EXPECT_EQ(reader.writable, 0);
  fill();
  loop_->turn(0s);
  EXPECT_EQ(reader.writable, 0);
  ASSERT_TRUE(turn_until([&] {
    empty_peer();
    return reader.writable > 0;
  }));
  EXPECT_EQ(stream_->write("x").status, IoStatus::ok);
}

TEST_F(TcpStreamTest, ListenerMayDestroyItWhenReadable) {
  Reader reader(*stream_);
  reader.on_data = [&] { stream_.reset(); };
  send_text("x");
  ASSERT_TRUE(turn_until([&] { return !stream_; }));
  EXPECT_EQ(receive(), "");
}

TEST_F(TcpStreamTest, ListenerMayDestroyItWhenWritable) {
  Reader reader(*stream_);
  fill();
  reader.on_room = [&] { stream_.reset(); };
  reader.on_data = [&] { EXPECT_TRUE(bool(stream_)); };
  empty_peer();
  send_text("both at once");
  ASSERT_TRUE(turn_until([&] {
    if (stream_) empty_peer();
    return !stream_;
  }));
  loop_->turn(0s);
}

TEST_F(TcpStreamTest, ToldOfBothAtOnceIsToldBoth) {
  Reader reader(*stream_);
  fill();
  send_text("both at once");
  ASSERT_TRUE(turn_until([&] {
    empty_peer();
    return reader.writable && reader.text == "both at once";
  }));
}

TEST_F(TcpStreamTest, EndsItsOwnSideAlone) {
  Reader reader(*stream_);
  stream_->shut_down_write();
  EXPECT_EQ(receive(), "");
  send_text("still here");
  ASSERT_TRUE(turn_until([&] { return reader.text == "still here"; }));
}

TEST_F(TcpStreamTest, WorksOnAUnixSocketWithoutStamps) {
  int ends[2];
  ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends));
  std::tie(peer_, stream_) = adopt({Fd(ends[0]), Fd(ends[1])});
  Reader reader(*stream_);
  send_text("hello");
  ASSERT_TRUE(turn_until([&] { return reader.text == "hello"; }));
  EXPECT_FALSE(reader.arrival.stamped);
  EXPECT_LE(reader.arrival.at, MonotonicClock::now());
}

TEST_F(TcpStreamTest, SendsAFilePieceAfterPiece) {
  constexpr size_t kBytes = 300'001;
  std::string content(kBytes, '\0');
  for (size_t i = 0; i < kBytes; i++) content[i] = static_cast<char>(i % 251);
  const Fd file(memfd_create("sent", MFD_CLOEXEC));
  ASSERT_EQ(ssize_t(kBytes), write(file.get(), content.data(), kBytes));
  std::string got;
  char bytes[1 << 16];
  // More is asked for than is there: its end is told once it is all that is
  // left.
  uint64_t at = 5;
  ASSERT_TRUE(turn_until([&] {
    const IoResult sent = stream_->write_file(file.get(), at, kBytes);
    at += sent.bytes;
    ssize_t here;
    while ((here = recv(peer_.get(), bytes, sizeof bytes, MSG_DONTWAIT)) > 0)
      got.append(bytes, size_t(here));
    return sent.status == IoStatus::closed;
  }));
  EXPECT_EQ(at, kBytes);
  ASSERT_TRUE(turn_until([&] {
    const ssize_t here = recv(peer_.get(), bytes, sizeof bytes, MSG_DONTWAIT);
    if (here > 0) got.append(bytes, size_t(here));
    return got.size() == kBytes - 5;
  }));
  EXPECT_TRUE(got == content.substr(5));
}

TEST_F(TcpStreamTest, OfAFileToNobodyFailsWithoutASignal) {
  reset_peer(std::move(peer_));
  const Fd file(memfd_create("sent", MFD_CLOEXEC));
  ASSERT_EQ(0, ftruncate(file.get(), 1 << 20));
  IoResult sent;
  ASSERT_TRUE(turn_until([&] {
    sent = stream_->write_file(file.get(), 0, 1 << 20);
    return sent.status == IoStatus::failed;
  }));
  EXPECT_EQ(stream_->error().code, ErrorCode::reset);
}

TEST_F(TcpStreamTest, WhatComesSlowlyAfterMuchCameFastIsToldOf) {
  if (!make_fast()) GTEST_SKIP() << "nothing comes fast here";
  Reader reader(*stream_);
  send_text("last");
  ASSERT_TRUE(turn_until([&] { return reader.text.ends_with("last"); }));
  ASSERT_TRUE(turn_until([&] { return least() == 1; }));
  send_text("more");
  ASSERT_TRUE(turn_until([&] { return reader.text.ends_with("more"); }));
}

TEST_F(TcpStreamTest, TheEndAfterMuchCameFastIsToldOf) {
  if (!make_fast()) GTEST_SKIP() << "nothing comes fast here";
  Reader reader(*stream_);
  send_text("last");
  peer_.reset();
  ASSERT_TRUE(
      turn_until([&] { return reader.last.status == IoStatus::closed; }));
  EXPECT_TRUE(reader.text.ends_with("last"));
}

TEST_F(TcpStreamTest, WhatAnswersAWriteIsToldOfAtOnce) {
  if (!make_fast()) GTEST_SKIP() << "nothing comes fast here";
  EXPECT_EQ(stream_->write("ask").status, IoStatus::ok);
  EXPECT_EQ(least(), 1);
}

TEST_F(TcpStreamTest, MayBeDestroyedWhileMuchComesFast) {
  if (!make_fast()) GTEST_SKIP() << "nothing comes fast here";
  stream_.reset();
  loop_->turn(1ms);
}

TEST_F(TcpStreamTest, AdoptingNoSocketFails) {
  EXPECT_FALSE(TcpStream::adopt(*loop_, Fd()).has_value());
}

}  // namespace
}  // namespace molotov::net
