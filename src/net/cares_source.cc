#include "net/cares_source.h"

#include <ares.h>
#include <fmt/format.h>
#include <sys/epoll.h>

#include <algorithm>
#include <cstring>

namespace molotov::net {

namespace {

Error error_of(int status, const std::string& host) {
  const auto error = [&](ErrorCode code, std::string_view text) {
    return Error{code, 0, fmt::format("look up '{}': {}", host, text)};
  };
  switch (status) {
    case ARES_ENOTFOUND:
    case ARES_EBADNAME:
      return error(ErrorCode::dns_not_found, "no such name");
    case ARES_ENODATA:
      return error(ErrorCode::dns_not_found, "the name has no address");
    case ARES_ETIMEOUT:
      return error(ErrorCode::dns_timeout, "no name server has answered");
    default:
      return error(ErrorCode::dns_failed, ares_strerror(status));
  }
}

NameAnswer answer_of(const ares_addrinfo& found, const std::string& host) {
  std::vector<Address> addresses;
  int ttl = INT32_MAX;
  for (const ares_addrinfo_node* node = found.nodes; node;
       node = node->ai_next) {
    if (node->ai_family != AF_INET && node->ai_family != AF_INET6) continue;
    Address address;
    std::memcpy(&address.storage, node->ai_addr, node->ai_addrlen);
    address.size = node->ai_addrlen;
    addresses.push_back(address);
    ttl = std::min(ttl, node->ai_ttl);
  }
  for (const ares_addrinfo_cname* name = found.cnames; name; name = name->next)
    ttl = std::min(ttl, name->ttl);
  if (addresses.empty())
    return {std::unexpected(error_of(ARES_ENODATA, host)), {}};
  return {std::move(addresses), std::chrono::seconds(std::max(ttl, 0))};
}

}  // namespace

// One of c-ares' sockets, watched for what c-ares wants of it.
class CaresSource::Socket final : public io::Watcher {
 public:
  Socket(CaresSource& source, int fd) : source_(source), fd_(fd) {}
  ~Socket() { source_.loop_.unwatch(fd_, *this); }

 private:
  void on_ready(uint32_t events) override {
    constexpr uint32_t kFailed = EPOLLERR | EPOLLHUP;
    // Processing may close the socket, and destroy this.
    source_.process(events & (EPOLLIN | kFailed) ? fd_ : ARES_SOCKET_BAD,
                    events & (EPOLLOUT | kFailed) ? fd_ : ARES_SOCKET_BAD);
  }

  CaresSource& source_;
  int fd_;
};

// What c-ares carries from a question to its answer.
struct CaresSource::Question {
  Asker& asker;
  std::string host;
};

CaresSource::CaresSource(io::Loop& loop, CaresOptions options)
    : loop_(loop), options_(std::move(options)) {}

CaresSource::~CaresSource() {
  if (channel_) {
    ares_destroy(channel_);
    ares_library_cleanup();
  }
}

Result<> CaresSource::open() {
  ares_options options{};
  int given = ARES_OPT_SOCK_STATE_CB | ARES_OPT_TRIES;
  options.tries = options_.tries;
  options.sock_state_cb_data = this;
  options.sock_state_cb = [](void* self, ares_socket_t fd, int readable,
                             int writable) {
    static_cast<CaresSource*>(self)->on_socket_state(fd, readable, writable);
  };
  if (options_.timeout) {
    given |= ARES_OPT_TIMEOUTMS;
    options.timeout = static_cast<int>(*options_.timeout / 1ms);
  }
  int status = ares_library_init(ARES_LIB_INIT_ALL);
  if (status == ARES_SUCCESS)
    status = ares_init_options(&channel_, &options, given);
  if (status == ARES_SUCCESS && !options_.servers.empty())
    status = ares_set_servers_ports_csv(channel_, options_.servers.c_str());
  if (status == ARES_SUCCESS) return {};
  return fail(ErrorCode::dns_failed,
              fmt::format("set up name resolution: {}", ares_strerror(status)));
}

void CaresSource::look_up(const std::string& host, uint16_t, Asker& asker) {
  if (!channel_) {
    if (auto opened = open(); !opened) {
      asker.on_answer({std::unexpected(opened.error()), {}});
      return;
    }
  }
  ares_addrinfo_hints hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  // Names under localhost are this machine too (RFC 6761, 6.3).
  const char* name = host.ends_with(".localhost") ? "localhost" : host.c_str();
  auto question = std::make_unique<Question>(asker, host);
  // on_result() takes it back, whatever comes.
  ares_getaddrinfo(channel_, name, nullptr, &hints, on_result,
                   question.release());
  arm_timer();
}

void CaresSource::on_result(void* question, int status, int,
                            ares_addrinfo* found) {
  const std::unique_ptr<Question> asked(static_cast<Question*>(question));
  if (status == ARES_EDESTRUCTION) return;
  if (status == ARES_SUCCESS)
    asked->asker.on_answer(answer_of(*found, asked->host));
  else
    asked->asker.on_answer(
        {std::unexpected(error_of(status, asked->host)), {}});
  if (found) ares_freeaddrinfo(found);
}

void CaresSource::on_socket_state(int fd, bool readable, bool writable) {
  if (!readable && !writable) {
    sockets_.erase(fd);  // about to be closed
    return;
  }
  std::unique_ptr<Socket>& socket = sockets_[fd];
  if (!socket) socket = std::make_unique<Socket>(*this, fd);
  const uint32_t events =
      (readable ? uint32_t{EPOLLIN} : 0) | (writable ? uint32_t{EPOLLOUT} : 0);
  // A socket that cannot be watched is one whose server does not answer.
  [[maybe_unused]] auto watched = loop_.watch_level(fd, events, *socket);
}

void CaresSource::process(int readable, int writable) {
  ares_process_fd(channel_, readable, writable);
  arm_timer();
}

void CaresSource::on_timer() {
  process(ARES_SOCKET_BAD, ARES_SOCKET_BAD);
}

void CaresSource::arm_timer() {
  timeval next;
  if (!ares_timeout(channel_, nullptr, &next)) return loop_.disarm(*this);
  loop_.arm_after(*this, std::chrono::seconds(next.tv_sec) +
                             std::chrono::microseconds(next.tv_usec));
}

}  // namespace molotov::net
