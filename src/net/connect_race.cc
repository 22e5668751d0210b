#include "net/connect_race.h"

#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

#include "net/stamp.h"

namespace molotov::net {

namespace {

// The socket's connection, or why there is none; EINPROGRESS while it is open.
int connect_state(int fd) {
  int sys_errno = 0;
  socklen_t size = sizeof sys_errno;
  if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &sys_errno, &size) != 0)
    return errno;
  return sys_errno;
}

}  // namespace

std::vector<Address> interleave_families(const std::vector<Address>& addresses,
                                         size_t first_family_count) {
  std::vector<Address> first, second, all;
  for (const Address& address : addresses) {
    const bool is_first = address.family() == addresses.front().family();
    if (is_first && all.size() + 1 < first_family_count)
      all.push_back(address);
    else
      (is_first ? first : second).push_back(address);
  }
  for (size_t i = 0; i < std::max(first.size(), second.size()); i++) {
    if (i < first.size()) all.push_back(first[i]);
    if (i < second.size()) all.push_back(second[i]);
  }
  return all;
}

Error connect_error(int sys_errno, std::string_view where) {
  Error error =
      error_from_errno(sys_errno, fmt::format("connect to {}", where));
  switch (error.code) {
    case ErrorCode::connect_refused:
    case ErrorCode::connect_unreachable:
    case ErrorCode::connect_timeout:
      break;
    case ErrorCode::limit:
      if (sys_errno == EMFILE) {
        rlimit files{};
        getrlimit(RLIMIT_NOFILE, &files);
        error.detail +=
            fmt::format(" (the limit is {}: ulimit -n)", files.rlim_cur);
      } else if (sys_errno == EADDRNOTAVAIL) {
        error.detail +=
            " (no local port is free: net.ipv4.ip_local_port_range)";
      }
      break;
    default:
      error.code = ErrorCode::connect_failed;
  }
  return error;
}

// One address that is being connected to.
class ConnectRace::Attempt final : public io::Watcher {
 public:
  Attempt(ConnectRace& race, const Address& address)
      : race_(race), address_(address), began_(MonotonicClock::now()) {}
  ~Attempt() {
    if (socket_) race_.loop_.unwatch(socket_.get(), *this);
  }

  // Fails where it is not under way.
  Result<> begin() {
    auto made = race_.make_socket(address_);
    if (!made) return std::unexpected(std::move(made.error()));
    socket_ = std::move(*made);
    if (!race_.options_.local.empty())
      if (auto bound = race_.bind_socket(socket_.get(), address_); !bound)
        return bound;
    if (const int sys_errno = begin_connecting())
      return std::unexpected(race_.error_of(address_, sys_errno));
    return {};
  }
  const Address& address() const { return address_; }
  Winner take() {
    race_.loop_.unwatch(socket_.get(), *this);
    return {std::move(socket_), MonotonicClock::now() - began_};
  }

 private:
  // Returns the errno, 0 when it is under way.
  int begin_connecting() {
    // The first socket of all that asks makes the kernel begin, a moment later:
    // so as early as can be (TcpStream asks too, for those that are accepted).
    enable_receive_stamps(socket_.get());
    if (connect(socket_.get(),
                reinterpret_cast<const sockaddr*>(&address_.storage),
                address_.size) != 0 &&
        errno != EINPROGRESS)
      return errno;
    // Where it has connected already, this is told at once.
    if (auto watched = race_.loop_.watch(socket_.get(), *this); !watched)
      return watched.error().sys_errno;
    return 0;
  }

  void on_ready(uint32_t events) override {
    if (!(events & (EPOLLOUT | EPOLLERR | EPOLLHUP))) return;
    // Either may destroy this.
    if (const int sys_errno = connect_state(socket_.get()))
      race_.on_failed(*this, sys_errno);
    else
      race_.on_connected(*this);
  }

  ConnectRace& race_;
  Address address_;
  Fd socket_;
  Instant began_;
};

ConnectRace::ConnectRace(io::Loop& loop, std::vector<Address> addresses,
                         std::string label, const RaceOptions& options)
    : loop_(loop),
      addresses_(std::move(addresses)),
      label_(std::move(label)),
      options_(options) {
  if (options.first_family_count > 0 && addresses_.size() > 1)
    addresses_ = interleave_families(addresses_, options.first_family_count);
}

ConnectRace::~ConnectRace() = default;

void ConnectRace::start_next() {
  while (next_ < addresses_.size()) {
    if (!begin(addresses_[next_++])) continue;
    if (next_ < addresses_.size() && options_.next_after)
      loop_.arm_after(*this, *options_.next_after);
    return;
  }
  if (attempts_.empty()) {
    loop_.disarm(*this);
    finished_.set(std::unexpected(error_));
  }
}

bool ConnectRace::begin(const Address& address) {
  auto attempt = std::make_unique<Attempt>(*this, address);
  if (auto begun = attempt->begin(); !begun) {
    note_failure(std::move(begun.error()));
    return false;
  }
  attempts_.push_back(std::move(attempt));
  return true;
}

Result<Fd> ConnectRace::make_socket(const Address& address) const {
  if (options_.sockets) return options_.sockets->make(address);
  Fd made(
      socket(address.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!made) return std::unexpected(error_of(address, errno));
  return made;
}

Result<> ConnectRace::bind_socket(int socket, const Address& address) const {
  const auto local =
      std::ranges::find(options_.local, address.family(), &Address::family);
  const std::string where = address.to_string() + label_;
  if (local == options_.local.end())
    return fail(ErrorCode::connect_failed,
                fmt::format("connect to {}: the local address is of another "
                            "family",
                            where));
  // The port is chosen when it connects, and so by where to: otherwise all
  // connections together could only have as many as there are ports.
  const int on = 1;
  setsockopt(socket, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
  if (bind(socket, reinterpret_cast<const sockaddr*>(&local->storage),
           local->size) == 0)
    return {};
  return std::unexpected(connect_error(
      errno, fmt::format("{} from {}", where, local->to_string())));
}

Error ConnectRace::error_of(const Address& address, int sys_errno) const {
  return connect_error(sys_errno, address.to_string() + label_);
}

void ConnectRace::note_failure(Error error) {
  // That there is no IPv6 here says less than what the IPv4 address did.
  if (error_.code == ErrorCode::none ||
      error_.code == ErrorCode::connect_unreachable)
    error_ = std::move(error);
}

void ConnectRace::on_failed(Attempt& attempt, int sys_errno) {
  note_failure(error_of(attempt.address(), sys_errno));
  std::erase_if(attempts_, [&](const auto& a) { return a.get() == &attempt; });
  start_next();
}

void ConnectRace::on_connected(Attempt& attempt) {
  loop_.disarm(*this);
  Winner winner = attempt.take();
  attempts_.clear();
  finished_.set(std::move(winner));
}

}  // namespace molotov::net
