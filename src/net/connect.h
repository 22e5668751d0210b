// Making connections: name, addresses (RFC 8305), TLS.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/fd.h"
#include "base/time.h"
#include "io/epoll_loop.h"
#include "io/task.h"
#include "net/connect_race.h"
#include "net/resolver.h"
#include "net/stream.h"
#include "net/tls_client.h"

namespace molotov::net {

struct HostPort {
  std::string host;  // a name, or an address without brackets
  uint16_t port = 0;
  bool operator==(const HostPort&) const = default;
};

// `--connect-to`: connections meant for `from` go to `to`; SNI, verification
// and the Host field stay as they were. An empty host or port 0 in `from`
// matches any, in `to` keeps what was asked (curl's rule).
struct ConnectTo {
  HostPort from;
  HostPort to;
};

// "HOST:PORT:HOST:PORT", each part may be empty, addresses of IPv6 in brackets.
Result<ConnectTo> parse_connect_to(std::string_view text);

// Where a connection goes. Borrowed pointers outlive the connect().
struct Endpoint {
  HostPort target{};
  std::string unix_path = {};  // not empty: a Unix socket instead
  TlsPeer tls = {};
};

// How long each phase took; absent where it did not happen.
struct ConnectTimings {
  bool looking_up = false;          // the name's addresses are not known
  std::optional<Duration> dns;      // of a name that was asked for
  std::optional<Duration> connect;  // of the address that answered
  std::optional<Duration> tls;
};

class Connector {
 public:
  // All borrowed; they outlive the connector and its tasks.
  Connector(io::EpollLoop& loop, Resolver& resolver,
            std::vector<ConnectTo> connect_to = {}, RaceOptions race = {});
  // By the rules of another one, but with these.
  Connector(const Connector& other, Resolver& resolver, RaceOptions race);

  // A stream on which TLS, if asked for, has finished. Its socket has
  // TCP_NODELAY and kernel receive stamps. IPv6 and IPv4 are both tried, the
  // second 250 ms after the first (RFC 8305), unless the options say otherwise.
  // Fails with dns_*, connect_* or tls_* and a detail that names the host and
  // port; destroying the task cancels it. No time-out of its own: the caller's
  // exchange has one.
  io::Task<Result<std::unique_ptr<Stream>>> connect(Endpoint endpoint,
                                                    ConnectTimings& timings);

 private:
  io::Task<Result<Fd>> connect_socket(const Endpoint& endpoint,
                                      ConnectTimings& timings);
  io::Task<Result<Fd>> connect_tcp(HostPort target, ConnectTimings& timings);

  io::EpollLoop& loop_;
  Resolver& resolver_;
  std::vector<ConnectTo> connect_to_;
  RaceOptions race_;
};

}  // namespace molotov::net
