#include "net/connect.h"

#include <fmt/format.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>

#include "net/tcp_stream.h"
#include "net/tls_context.h"

namespace molotov::net {

namespace {

// Takes "HOST:" or "[HOST]:" off the front of `rest`, the last one without
// its colon; nothing where that is not there.
std::optional<std::string> take_part(std::string_view& rest, bool last) {
  std::string_view part;
  if (rest.starts_with('[')) {
    const size_t close = rest.find(']');
    if (close == std::string_view::npos) return {};
    part = rest.substr(1, close - 1);
    if (part.find(':') == std::string_view::npos) return {};
    rest.remove_prefix(close + 1);
  } else {
    part = rest.substr(0, rest.find(':'));
    rest.remove_prefix(part.size());
  }
  if (last)
    return rest.empty() ? std::optional(std::string(part)) : std::nullopt;
  if (!rest.starts_with(':')) return {};
  rest.remove_prefix(1);
  return std::string(part);
}

std::optional<uint16_t> parse_port(std::string_view text) {
  if (text.empty()) return uint16_t{0};
  uint16_t port = 0;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc() || end != text.data() + text.size() || port == 0)
    return {};
  return port;
}

bool same_host(const std::string& a, const std::string& b) {
  return strcasecmp(a.c_str(), b.c_str()) == 0;
}

// Where a connection meant for `target` goes: by the first rule that is for it.
HostPort redirect(const std::vector<ConnectTo>& rules, const HostPort& target) {
  for (const ConnectTo& rule : rules) {
    if (!rule.from.host.empty() && !same_host(rule.from.host, target.host))
      continue;
    if (rule.from.port && rule.from.port != target.port) continue;
    return {rule.to.host.empty() ? target.host : rule.to.host,
            rule.to.port ? rule.to.port : target.port};
  }
  return target;
}

// What an address is for: " (example.com)".
std::string label_of(const HostPort& to, const HostPort& target,
                     bool is_address) {
  const std::string asked = fmt::format("{}:{}", target.host, target.port);
  if (to == target) return is_address ? "" : fmt::format(" ({})", to.host);
  if (is_address) return fmt::format(" (for {})", asked);
  return fmt::format(" ({}, for {})", to.host, asked);
}

auto of_another_family(int family) {
  return
      [family](const Address& address) { return address.family() != family; };
}

Result<sockaddr_un> unix_address(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path)
    return fail(
        ErrorCode::invalid_argument,
        fmt::format("path of a Unix socket too long (over {} bytes): {}",
                    sizeof address.sun_path - 1, path));
  std::memcpy(address.sun_path, path.data(), path.size());
  return address;
}

io::Task<Result<Fd>> connect_unix(io::Loop& loop, std::string path) {
  const Result<sockaddr_un> address = unix_address(path);
  if (!address) co_return std::unexpected(address.error());
  // A path ends with a zero byte; an abstract name is its bytes.
  const bool abstract = path.starts_with('\0');
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) +
                                           path.size() + (abstract ? 0 : 1));
  Fd socket_fd(socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket_fd) co_return std::unexpected(connect_error(errno, path));
  // While the server's backlog is full the kernel says so, and does not tell
  // when it no longer is.
  for (Duration pause = 1ms;; pause = std::min<Duration>(2 * pause, 50ms)) {
    if (::connect(socket_fd.get(), reinterpret_cast<const sockaddr*>(&*address),
                  size) == 0)
      co_return std::move(socket_fd);
    if (errno != EAGAIN && errno != EINTR)
      co_return std::unexpected(connect_error(errno, path));
    co_await io::sleep_for(loop, pause);
  }
}

}  // namespace

Result<ConnectTo> parse_connect_to(std::string_view text) {
  std::string_view rest = text;
  const auto from_host = take_part(rest, false);
  const auto from_port = from_host ? take_part(rest, false) : std::nullopt;
  const auto to_host = from_port ? take_part(rest, false) : std::nullopt;
  const auto to_port = to_host ? take_part(rest, true) : std::nullopt;
  const auto from = parse_port(from_port.value_or("?"));
  const auto to = parse_port(to_port.value_or("?"));
  if (from && to) return ConnectTo{{*from_host, *from}, {*to_host, *to}};
  return fail(ErrorCode::invalid_argument,
              fmt::format("not HOST:PORT:HOST:PORT: '{}'", text));
}

Connector::Connector(io::EpollLoop& loop, Resolver& resolver,
                     std::vector<ConnectTo> connect_to, RaceOptions race)
    : loop_(loop),
      resolver_(resolver),
      connect_to_(std::move(connect_to)),
      race_(std::move(race)) {}

Connector::Connector(const Connector& other, Resolver& resolver,
                     RaceOptions race)
    : Connector(other.loop_, resolver, other.connect_to_, std::move(race)) {}

io::Task<Result<Fd>> Connector::connect_tcp(HostPort target,
                                            ConnectTimings& timings) {
  const HostPort to = redirect(connect_to_, target);
  std::vector<Address> addresses;
  Result<Address> given = parse_address(to.host, to.port);
  if (given) {
    addresses.push_back(*given);
  } else {
    const Instant began = MonotonicClock::now();
    timings.looking_up = true;
    Result<Resolved> resolved = co_await resolver_.resolve(to.host, to.port);
    if (!resolved) co_return std::unexpected(std::move(resolved.error()));
    timings.looking_up = false;
    if (!resolved->from_cache) timings.dns = MonotonicClock::now() - began;
    addresses = std::move(resolved->addresses);
  }
  if (race_.family != AF_UNSPEC &&
      std::erase_if(addresses, of_another_family(race_.family)) > 0 &&
      addresses.empty())
    co_return fail(ErrorCode::dns_not_found,
                   fmt::format("look up '{}': no address of {}", to.host,
                               race_.family == AF_INET6 ? "IPv6" : "IPv4"));
  ConnectRace race(loop_, std::move(addresses),
                   label_of(to, target, given.has_value()), race_);
  race.start();
  Result<ConnectRace::Winner> winner = co_await race.finished();
  if (!winner) co_return std::unexpected(std::move(winner.error()));
  timings.connect = winner->took;
  co_return std::move(winner->socket);
}

io::Task<Result<Fd>> Connector::connect_socket(const Endpoint& endpoint,
                                               ConnectTimings& timings) {
  if (endpoint.unix_path.empty())
    co_return co_await connect_tcp(endpoint.target, timings);
  const Instant began = MonotonicClock::now();
  Result<Fd> socket_fd = co_await connect_unix(loop_, endpoint.unix_path);
  if (socket_fd) timings.connect = MonotonicClock::now() - began;
  co_return std::move(socket_fd);
}

io::Task<Result<std::unique_ptr<Stream>>> Connector::connect(
    Endpoint endpoint, ConnectTimings& timings) {
  timings = {};
  Result<Fd> socket_fd = co_await connect_socket(endpoint, timings);
  if (!socket_fd) co_return std::unexpected(std::move(socket_fd.error()));
  Result<std::unique_ptr<TcpStream>> plain =
      TcpStream::adopt(loop_, std::move(*socket_fd));
  if (!plain) co_return std::unexpected(std::move(plain.error()));
  if (!endpoint.tls) co_return std::unique_ptr<Stream>(std::move(*plain));

  const Instant began = MonotonicClock::now();
  Result<std::unique_ptr<Stream>> secured =
      co_await secure(loop_, std::move(*plain), endpoint.tls,
                      endpoint.target.host, endpoint.target.port);
  if (secured) timings.tls = MonotonicClock::now() - began;
  co_return std::move(secured);
}

}  // namespace molotov::net
