// Aim: who connects is accepted, whatever happens to the descriptors meanwhile;
// and an address in use is never taken over.
#include "net/listener.h"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <filesystem>
#include <string>
#include <vector>

namespace molotov::net {
namespace {

class Collector final : public Listener::Acceptor {
 public:
  void on_accept(Fd socket) override { sockets.push_back(std::move(socket)); }
  std::vector<Fd> sockets;
};

class ListenerTest : public testing::Test {
 protected:
  // Turns the loop until `count` were accepted, or for ten seconds.
  void accept(Collector& collector, size_t count) {
    const Instant end = MonotonicClock::now() + 10s;
    while (collector.sockets.size() < count && MonotonicClock::now() < end)
      loop_->turn(10ms);
  }

  std::unique_ptr<io::EpollLoop> loop_ = std::move(*io::EpollLoop::create());
};

Fd connect_to(int family, const sockaddr* address, socklen_t size) {
  Fd fd(socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0));
  EXPECT_EQ(connect(fd.get(), address, size), 0) << strerror(errno);
  return fd;
}

Fd connect_to(const Address& address) {
  return connect_to(address.family(),
                    reinterpret_cast<const sockaddr*>(&address.storage),
                    address.size);
}

Fd connect_to(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  return connect_to(AF_UNIX, reinterpret_cast<const sockaddr*>(&address),
                    sizeof address);
}

// A path in a directory of its own, which is removed.
class TemporaryPath {
 public:
  TemporaryPath() {
    std::string shape = testing::TempDir() + "listenerXXXXXX";
    directory_ = mkdtemp(shape.data());
  }
  ~TemporaryPath() { std::filesystem::remove_all(directory_); }
  std::string path() const { return directory_ + "/socket"; }

 private:
  std::string directory_;
};

TEST_F(ListenerTest, AcceptsOverEachFamily) {
  for (const char* host : {"127.0.0.1", "::1"}) {
    auto socket = listen_tcp(*parse_address(host, 0));
    ASSERT_TRUE(socket) << socket.error().message();
    const Address bound = *local_address(socket->get());
    Collector collector;
    auto listener = Listener::create(*loop_, std::move(*socket), collector);
    ASSERT_TRUE(listener);
    std::vector<Fd> clients;
    for (int i = 0; i < 1000; i++) clients.push_back(connect_to(bound));
    accept(collector, clients.size());
    EXPECT_EQ(collector.sockets.size(), clients.size()) << host;
  }
}

TEST_F(ListenerTest, AcceptedSocketsHaveNagleOffAndDoNotBlock) {
  auto socket = listen_tcp(*parse_address("127.0.0.1", 0));
  const Address bound = *local_address(socket->get());
  Collector collector;
  auto listener = Listener::create(*loop_, std::move(*socket), collector);
  const Fd client = connect_to(bound);
  accept(collector, 1);
  ASSERT_EQ(collector.sockets.size(), 1u);
  const int fd = collector.sockets[0].get();
  int no_delay = 0;
  socklen_t size = sizeof no_delay;
  getsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &no_delay, &size);
  EXPECT_NE(no_delay, 0);
  char byte;
  EXPECT_EQ(recv(fd, &byte, 1, 0), -1);
  EXPECT_EQ(errno, EAGAIN);
}

TEST_F(ListenerTest, AnAddressInUseIsAnError) {
  auto first = listen_tcp(*parse_address("127.0.0.1", 0));
  const Address bound = *local_address(first->get());
  for (const PortUse use : {PortUse::alone, PortUse::shared}) {
    auto second = listen_tcp(bound, use);
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().sys_errno, EADDRINUSE);
    EXPECT_NE(second.error().detail.find(bound.to_string()), std::string::npos);
  }
}

TEST_F(ListenerTest, SharedPortIsShared) {
  auto first = listen_tcp(*parse_address("127.0.0.1", 0), PortUse::shared);
  ASSERT_TRUE(first);
  const Address bound = *local_address(first->get());
  EXPECT_TRUE(listen_tcp(bound, PortUse::shared));
  EXPECT_FALSE(listen_tcp(bound, PortUse::alone));
}

TEST_F(ListenerTest, UnixSocketIsTakenOverOnlyFromTheDead) {
  const TemporaryPath place;
  auto dead = listen_unix(place.path());
  ASSERT_TRUE(dead) << dead.error().message();
  dead->reset();  // leaves its file
  auto socket = listen_unix(place.path());
  ASSERT_TRUE(socket) << socket.error().message();

  Collector collector;
  auto listener = Listener::create(*loop_, std::move(*socket), collector);
  const Fd client = connect_to(place.path());
  accept(collector, 1);
  EXPECT_EQ(collector.sockets.size(), 1u);
  EXPECT_FALSE(listen_unix(place.path()));
}

TEST_F(ListenerTest, UnixSocketReplacesNoOtherFile) {
  const TemporaryPath place;
  std::filesystem::create_directory(place.path());
  EXPECT_FALSE(listen_unix(place.path()));
  EXPECT_TRUE(std::filesystem::is_directory(place.path()));
}

TEST_F(ListenerTest, UnixPathMustFit) {
  for (const std::string& path : {std::string(), std::string(200, 'x')}) {
    auto socket = listen_unix(path);
    ASSERT_FALSE(socket);
    EXPECT_EQ(socket.error().code, ErrorCode::invalid_argument);
  }
}

// Lowers the soft limit of descriptors for as long as it lives.
class DescriptorLimit {
 public:
  explicit DescriptorLimit(rlim_t most) {
    getrlimit(RLIMIT_NOFILE, &before_);
    const rlimit lower{most, before_.rlim_max};
    EXPECT_EQ(setrlimit(RLIMIT_NOFILE, &lower), 0);
  }
  ~DescriptorLimit() { setrlimit(RLIMIT_NOFILE, &before_); }

 private:
  rlimit before_{};
};

TEST_F(ListenerTest, OutOfDescriptorsConnectionsWaitUntilThereAreSome) {
  auto socket = listen_tcp(*parse_address("127.0.0.1", 0));
  const Address bound = *local_address(socket->get());
  Collector collector;
  auto listener = Listener::create(*loop_, std::move(*socket), collector);
  std::vector<Fd> clients;
  for (int i = 0; i < 8; i++) clients.push_back(connect_to(bound));
  {
    // The lowest free descriptor is where the next one goes.
    const int lowest = dup(0);
    close(lowest);
    const DescriptorLimit limit(static_cast<rlim_t>(lowest) + 2);
    accept(collector, 1);
    for (int i = 0; i < 10; i++) loop_->turn(1ms);
    EXPECT_LE(collector.sockets.size(), 2u);
  }
  accept(collector, clients.size());
  EXPECT_EQ(collector.sockets.size(), clients.size());
}

}  // namespace
}  // namespace molotov::net
