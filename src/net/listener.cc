#include "net/listener.h"

#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <cerrno>
#include <cstring>

namespace molotov::net {

namespace {

// The kernel cuts it to net.core.somaxconn.
constexpr int kBacklog = 65535;
// A storm of new connections takes turns with the requests of the old ones.
constexpr int kAcceptsATurn = 256;
constexpr Duration kWaitForRoom = 20ms;

Result<> set_option(int fd, int level, int option, const char* name) {
  const int on = 1;
  if (setsockopt(fd, level, option, &on, sizeof on) == 0) return {};
  return fail_errno(fmt::format("setsockopt {}", name));
}

Result<Fd> open_socket(int family) {
  Fd fd(socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd) return fail_errno("socket");
  return fd;
}

Result<> set_tcp_options(int fd, int family, PortUse use) {
  auto done = set_option(fd, SOL_SOCKET, SO_REUSEADDR, "SO_REUSEADDR");
  if (done && use == PortUse::shared)
    done = set_option(fd, SOL_SOCKET, SO_REUSEPORT, "SO_REUSEPORT");
  if (done && family == AF_INET6)
    done = set_option(fd, IPPROTO_IPV6, IPV6_V6ONLY, "IPV6_V6ONLY");
  // What is accepted inherits it, which saves a call per connection.
  if (done) done = set_option(fd, IPPROTO_TCP, TCP_NODELAY, "TCP_NODELAY");
  return done;
}

Result<Fd> bind_and_listen(Fd fd, const sockaddr* address, socklen_t size,
                           const std::string& name) {
  if (bind(fd.get(), address, size) != 0 || listen(fd.get(), kBacklog) != 0)
    return fail_errno(fmt::format("listen on {}", name));
  return fd;
}

// Removes the file of a socket whose server has gone without removing it.
void remove_stale_socket(const sockaddr_un& address) {
  struct stat status;
  if (lstat(address.sun_path, &status) != 0 || !S_ISSOCK(status.st_mode))
    return;
  const Fd probe(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!probe) return;
  if (connect(probe.get(), reinterpret_cast<const sockaddr*>(&address),
              sizeof address) != 0 &&
      errno == ECONNREFUSED)
    unlink(address.sun_path);
}

}  // namespace

Result<Fd> listen_tcp(const Address& address, PortUse use) {
  auto fd = open_socket(address.family());
  if (!fd) return fd;
  if (auto set = set_tcp_options(fd->get(), address.family(), use); !set)
    return std::unexpected(set.error());
  return bind_and_listen(std::move(*fd),
                         reinterpret_cast<const sockaddr*>(&address.storage),
                         address.size, address.to_string());
}

Result<Fd> listen_unix(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof address.sun_path)
    return fail(ErrorCode::invalid_argument,
                fmt::format("listen on '{}': the path of a Unix socket has 1 "
                            "to {} bytes",
                            path, sizeof address.sun_path - 1));
  std::memcpy(address.sun_path, path.data(), path.size());
  remove_stale_socket(address);
  auto fd = open_socket(AF_UNIX);
  if (!fd) return fd;
  return bind_and_listen(std::move(*fd),
                         reinterpret_cast<const sockaddr*>(&address),
                         sizeof address, path);
}

Result<Address> local_address(int fd) {
  Address address;
  address.size = sizeof address.storage;
  if (getsockname(fd, reinterpret_cast<sockaddr*>(&address.storage),
                  &address.size) != 0)
    return fail_errno("getsockname");
  return address;
}

Result<std::unique_ptr<Listener>> Listener::create(io::EpollLoop& loop,
                                                   Fd socket,
                                                   Acceptor& acceptor) {
  std::unique_ptr<Listener> listener(
      new Listener(loop, std::move(socket), acceptor));
  if (auto watched = loop.watch(listener->fd(), *listener); !watched)
    return std::unexpected(watched.error());
  return listener;
}

Listener::~Listener() {
  loop_.unwatch(socket_.get(), *this);
}

void Listener::accept_some() {
  for (int i = 0; i < kAcceptsATurn; i++) {
    Fd accepted(
        accept4(socket_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (accepted) {
      acceptor_.on_accept(std::move(accepted));
      continue;
    }
    switch (errno) {
      case EAGAIN:
        return;
      case EMFILE:
      case ENFILE:
      case ENOBUFS:
      case ENOMEM:
        // No edge tells when there is room again.
        loop_.arm_after(*this, kWaitForRoom);
        return;
      default:
        // That connection has failed already (accept(2)); on to the next.
        break;
    }
  }
  loop_.arm(*this, loop_.now());
}

}  // namespace molotov::net
