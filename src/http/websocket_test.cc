// Aim: a connection that was upgraded is kept for whoever takes it and no
// longer; as a WebSocket it reads and writes whole messages, whatever the
// kernel takes.
#include "http/websocket.h"

#include <gtest/gtest.h>

#include <functional>

#include "http/testing.h"
#include "net/certificate.h"
#include "net/tcp_stream.h"
#include "net/tls_stream.h"

namespace molotov::http {
namespace {

constexpr std::string_view kSwitching =
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n";

class CountingListener final : public WebSocketListener {
 public:
  int readable = 0;
  int written = 0;

 private:
  void on_readable() override { readable++; }
  void on_written() override { written++; }
};

class WebSocketTest : public ClientTest {
 protected:
  // A peer that answered with 101, and `behind` in the same piece.
  Peer upgrade(Call& call, std::string_view behind = "") {
    get(call);
    Peer peer = accept();
    serve(peer, std::string(kSwitching) + std::string(behind));
    EXPECT_TRUE(ends(call));
    EXPECT_TRUE(call->is_upgraded());
    return peer;
  }
  void open(Call& call, const WebSocketOptions& options = {}) {
    socket_ = std::make_unique<WebSocket>(*context_, call->take_upgraded(),
                                          options, listener_of_);
    EXPECT_FALSE(call->is_upgraded());
    call.release();
  }
  // The next thing that is read, as text.
  std::string next() {
    WebSocketMessage message;
    WebSocket::Read read = WebSocket::Read::nothing;
    EXPECT_TRUE(until([&] {
      read = socket_->read(message);
      return read != WebSocket::Read::nothing;
    }));
    switch (read) {
      case WebSocket::Read::message:
        return std::string(message.payload);
      case WebSocket::Read::ended:
        return "(ended)";
      case WebSocket::Read::broken:
        return "(broken)";
      case WebSocket::Read::failed:
        return "(" + socket_->failure().what + ")";
      default:
        return "(nothing)";
    }
  }

  CountingListener listener_of_;
  std::unique_ptr<WebSocket> socket_;
};

TEST_F(WebSocketTest, NobodyTakesTheConnection) {
  for (const bool cancels : {true, false}) {
    Call call;
    Peer peer = upgrade(call, "\x81\x01x");
    loop_->turn(1ms);
    peer.receive();
    EXPECT_FALSE(peer.closed);
    if (cancels)
      call->cancel();
    else
      call.release();
    EXPECT_TRUE(closes(peer));
  }
}

TEST_F(WebSocketTest, ReadsWhatCameBehindTheHead) {
  Call call;
  Peer peer = upgrade(call, "\x81\x01x\x82\x02yz\x81");
  open(call);
  EXPECT_EQ(next(), "x");
  EXPECT_EQ(next(), "yz");
  WebSocketMessage message;
  EXPECT_EQ(socket_->read(message), WebSocket::Read::nothing);
  peer.send("\x01w");
  EXPECT_TRUE(until([&] { return listener_of_.readable > 0; }));
  EXPECT_EQ(next(), "w");
  peer.close();
  EXPECT_EQ(next(), "(ended)");
  EXPECT_FALSE(socket_->is_open());
  EXPECT_FALSE(socket_->write(Opcode::text, "late"));
}

TEST_F(WebSocketTest, ReadsMessagesBeforeTheEnd) {
  Call call;
  Peer peer = upgrade(call);
  open(call);
  peer.send("\x81\x01x\x81\x01y\x81\x05half");
  peer.close();
  EXPECT_EQ(next(), "x");
  EXPECT_EQ(next(), "y");
  EXPECT_EQ(next(), "(ended)");
  EXPECT_EQ(next(), "(ended)");
}

TEST_F(WebSocketTest, ResetsAndFailuresStay) {
  Call call;
  Peer peer = upgrade(call);
  open(call);
  peer.reset();
  EXPECT_EQ(next(), "(broken)");
  Call other;
  Peer bad = upgrade(other, "\x81\x01x\x83\x01");
  open(other);
  EXPECT_EQ(next(), "x");
  EXPECT_EQ(next(), "(Unexpected opcode=3)");
  bad.send("\x81\x01x");
  EXPECT_EQ(next(), "(Unexpected opcode=3)");
}

TEST_F(WebSocketTest, WritesMoreThanTheKernelTakes) {
  Call call;
  Peer peer = upgrade(call);
  open(call);
  const std::string big(16 << 20, 'x');
  ASSERT_TRUE(socket_->write(Opcode::binary, big));
  EXPECT_GT(socket_->unsent_bytes(), 0u);
  ASSERT_TRUE(socket_->write(Opcode::text, "behind it"));
  const size_t all = 14 + big.size() + 6 + 9;
  EXPECT_TRUE(until([&] {
    peer.receive();
    return peer.received.size() >= all;
  }));
  EXPECT_EQ(socket_->unsent_bytes(), 0u);
  EXPECT_GT(listener_of_.written, 0);
  WebSocketReader reader({.requires_mask = true});
  std::span<char> bytes(peer.received);
  WebSocketMessage message;
  ASSERT_EQ(reader.read(bytes, message), WebSocketReader::Status::message);
  EXPECT_TRUE(message.payload == big);
  ASSERT_EQ(reader.read(bytes, message), WebSocketReader::Status::message);
  EXPECT_EQ(message.payload, "behind it");
  EXPECT_TRUE(bytes.empty());
}

// Which takes one record a write, whatever the kernel would take.
TEST_F(WebSocketTest, WritesLongMessagesOverTls) {
  using Shaken = io::Task<Result<std::unique_ptr<net::Stream>>>;
  const auto identity =
      *net::issue(*net::make_authority("Test Authority"), {"localhost"});
  const auto server =
      *net::TlsContext::server(identity.certificate_pem, identity.key_pem);
  const auto client = *net::TlsContext::client({.verify = false});
  auto [one, other] = net::connected_pair();
  const auto shake = [&](Fd fd, const net::TlsContext& context,
                         net::TlsRole role) -> Shaken {
    return net::tls_handshake(*loop_,
                              *net::TcpStream::adopt(*loop_, std::move(fd)),
                              context, role, "localhost", 443);
  };
  Shaken ours = shake(std::move(one), *client, net::TlsRole::client);
  Shaken theirs = shake(std::move(other), *server, net::TlsRole::server);
  ours.start();
  theirs.start();
  ASSERT_TRUE(until([&] { return ours.done() && theirs.done(); }));
  const auto stream = std::move(*theirs.result());
  net::Reader peer(*stream);
  socket_ = std::make_unique<WebSocket>(*context_,
                                        Upgraded{std::move(*ours.result()), {}},
                                        WebSocketOptions{}, listener_of_);

  const std::string big(1 << 20, 'x');
  ASSERT_TRUE(socket_->write(Opcode::binary, big));
  ASSERT_TRUE(socket_->write(Opcode::text, "behind it"));
  const size_t all = 14 + big.size() + 6 + 9;
  EXPECT_TRUE(until([&] { return peer.text.size() >= all; }));
  EXPECT_EQ(socket_->unsent_bytes(), 0u);
  WebSocketReader reader({.requires_mask = true});
  std::span<char> bytes(peer.text);
  WebSocketMessage message;
  ASSERT_EQ(reader.read(bytes, message), WebSocketReader::Status::message);
  EXPECT_TRUE(message.payload == big);
  ASSERT_EQ(reader.read(bytes, message), WebSocketReader::Status::message);
  EXPECT_EQ(message.payload, "behind it");
  socket_.reset();
}

// Calls a function from within the loop's work.
class InWork final : public io::Work {
 public:
  InWork(io::Loop& loop, std::function<void()> call) : call_(std::move(call)) {
    loop.post(*this);
  }

 private:
  void on_turn() override { call_(); }
  std::function<void()> call_;
};

TEST_F(WebSocketTest, WhatIsSentInOneTurnGoesTogether) {
  Call call;
  Peer peer = upgrade(call);
  open(call);
  size_t first = 99, second = 0, much = 99;
  InWork sends(*loop_, [&] {
    EXPECT_TRUE(socket_->write(Opcode::text, "one"));
    first = socket_->unsent_bytes();
    EXPECT_TRUE(socket_->write(Opcode::text, "two"));
    EXPECT_TRUE(socket_->write(Opcode::text, "six"));
    second = socket_->unsent_bytes();
  });
  const size_t frame = 2 + 4 + 3;
  EXPECT_TRUE(until([&] {
    peer.receive();
    return peer.received.size() == 3 * frame;
  }));
  EXPECT_EQ(first, 0u);
  EXPECT_EQ(second, 2 * frame);
  EXPECT_EQ(socket_->unsent_bytes(), 0u);
  // Much does not wait; nor does what others than the loop's work send.
  InWork sends_much(*loop_, [&] {
    for (const size_t size : {1, 1, 20'000})
      EXPECT_TRUE(socket_->write(Opcode::text, std::string(size, 'x')));
    much = socket_->unsent_bytes();
  });
  ASSERT_TRUE(until([&] { return much != 99; }));
  EXPECT_EQ(much, 0u);
  for (int i = 0; i < 3; i++) {
    EXPECT_TRUE(socket_->write(Opcode::text, "one"));
    EXPECT_EQ(socket_->unsent_bytes(), 0u);
  }
}

TEST_F(WebSocketTest, NothingThatWaitsIsLostAtTheEnd) {
  for (const bool shuts : {true, false}) {
    Call call;
    Peer peer = upgrade(call);
    open(call);
    bool ended = false;
    InWork sends(*loop_, [&] {
      EXPECT_TRUE(socket_->write(Opcode::text, "one"));
      EXPECT_TRUE(socket_->write(Opcode::close, ""));
      EXPECT_GT(socket_->unsent_bytes(), 0u);
      if (shuts)
        socket_->shut();
      else
        socket_.reset();
      ended = true;
    });
    ASSERT_TRUE(until([&] { return ended; }));
    EXPECT_TRUE(closes(peer));
    EXPECT_EQ(peer.received.size(), 2u + 4 + 3 + 2 + 4);
  }
}

TEST_F(WebSocketTest, ShutEndsIt) {
  Call call;
  Peer peer = upgrade(call, "\x81\x01x");
  open(call);
  socket_->shut();
  EXPECT_TRUE(closes(peer));
  EXPECT_EQ(next(), "x");
  EXPECT_EQ(next(), "(ended)");
}

}  // namespace
}  // namespace molotov::http
