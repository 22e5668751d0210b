// What this folder's tests share: a loop that is turned until something holds,
// pairs of connected sockets, and a listener that writes down what it is told.
// Included by tests only.
#pragma once

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cstring>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "base/fd.h"
#include "io/epoll_loop.h"
#include "io/task.h"
#include "net/resolver.h"
#include "net/stream.h"

namespace molotov::net {

// How long a test waits for what should come at once, before it gives up.
inline constexpr Duration kPatience = 20s;

inline size_t open_descriptors() {
  const std::filesystem::directory_iterator all("/proc/self/fd");
  return static_cast<size_t>(std::distance(begin(all), end(all)));
}

// The address that a socket is bound to.
inline Address address_of(int fd) {
  Address address;
  address.size = sizeof address.storage;
  getsockname(fd, reinterpret_cast<sockaddr*>(&address.storage), &address.size);
  return address;
}

inline uint16_t port_of(int fd) {
  const Address address = address_of(fd);
  sockaddr_in v4;
  std::memcpy(&v4, &address.storage, sizeof v4);
  return ntohs(v4.sin_port);  // IPv6 has its port in the same place
}

// A bound socket on a free loopback port.
inline Fd bound(int type, const std::string& host = "127.0.0.1") {
  const Address address = *parse_address(host, 0);
  Fd fd(socket(address.family(), type | SOCK_CLOEXEC, 0));
  EXPECT_EQ(0,
            bind(fd.get(), reinterpret_cast<const sockaddr*>(&address.storage),
                 address.size));
  return fd;
}

inline Fd listening(int backlog = 64, const std::string& host = "127.0.0.1") {
  Fd fd = bound(SOCK_STREAM, host);
  EXPECT_EQ(0, listen(fd.get(), backlog));
  return fd;
}

// A port of loopback on which nobody listens: its owner does not, and keeps
// others from it.
inline Fd refusing() {
  return bound(SOCK_STREAM);
}

// Both ends of a TCP connection, blocking.
inline std::pair<Fd, Fd> connected_pair() {
  const Fd listener = listening();
  const Address address = address_of(listener.get());
  Fd one(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  EXPECT_EQ(
      0, connect(one.get(), reinterpret_cast<const sockaddr*>(&address.storage),
                 address.size));
  Fd other(accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
  EXPECT_TRUE(bool(other));
  return {std::move(one), std::move(other)};
}

// Closes with a reset.
inline void reset_peer(Fd fd) {
  const linger now{1, 0};
  setsockopt(fd.get(), SOL_SOCKET, SO_LINGER, &now, sizeof now);
}

class LoopTest : public testing::Test {
 protected:
  LoopTest() : loop_(std::move(*io::EpollLoop::create())) {}

  // Turns the loop until `holds`; false where patience ran out.
  bool turn_until(const std::function<bool()>& holds) {
    const Instant end = MonotonicClock::now() + kPatience;
    while (!holds()) {
      if (MonotonicClock::now() > end) return false;
      loop_->turn(100ms);
    }
    return true;
  }

  // Runs a task to its end, which must come.
  template <typename T>
  T wait(io::Task<T> task) {
    task.start();
    if (!turn_until([&] { return task.done(); })) {
      ADD_FAILURE() << "the task does not end";
      std::abort();
    }
    return task.result();
  }

  std::unique_ptr<io::EpollLoop> loop_;
};

// Reads all there is, and counts its calls.
class Reader final : public StreamListener {
 public:
  explicit Reader(Stream& stream) : stream_(&stream) {
    stream.set_listener(this);
  }

  void on_readable(bool hung_up) override {
    readable++;
    this->hung_up |= hung_up;
    if (on_data) return on_data();
    read_all();
  }
  void on_writable() override {
    writable++;
    if (on_room) on_room();
  }
  void read_all() {
    char bytes[4096];
    do {
      last = stream_->read(bytes);
      text.append(bytes, last.bytes);
      if (last.status == IoStatus::ok) arrival = last.arrival;
    } while (last.status == IoStatus::ok && !last.drained);
  }

  std::string text;
  Arrival arrival;
  IoResult last;
  bool hung_up = false;
  int readable = 0;
  int writable = 0;
  std::function<void()> on_data;  // instead of reading all
  std::function<void()> on_room;

 private:
  Stream* stream_;
};

}  // namespace molotov::net
