// Names to addresses, without blocking: c-ares with a cache that keeps an
// answer for its TTL; a thread with getaddrinfo where nsswitch.conf lists more
// than `files dns` for hosts. One a loop; made after a fork.
#pragma once

#include <sys/socket.h>

#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "io/epoll_loop.h"
#include "io/task.h"

namespace molotov::net {

class NameSource;  // name_source.h

// A socket address of IPv4 or IPv6.
struct Address {
  sockaddr_storage storage{};
  socklen_t size = 0;
  int family() const { return storage.ss_family; }
  std::string host() const;  // "127.0.0.1", "::1", "fe80::1%2"
  uint16_t port() const;
  std::string to_string() const;  // "127.0.0.1:80", "[::1]:80"
};

// An address given as such ("127.0.0.1", "::1"); nothing where it is a name.
Result<Address> parse_address(const std::string& host, uint16_t port);

struct Resolved {
  std::vector<Address> addresses;  // at least one; in the order to try
  // Nobody was asked, or somebody for another's sake.
  bool from_cache = false;
};

class Resolver {
 public:
  virtual ~Resolver() = default;
  // Fails with dns_not_found, dns_failed or dns_timeout, naming the host.
  virtual io::Task<Result<Resolved>> resolve(std::string host,
                                             uint16_t port) = 0;

  // The one for this machine's configuration. `loop` is borrowed.
  static std::unique_ptr<Resolver> create(io::EpollLoop& loop);
  // What that one asks.
  static std::unique_ptr<NameSource> create_source(io::EpollLoop& loop);
};

}  // namespace molotov::net
