#include "net/tcp_stream.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/sendfile.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

#include "base/check.h"
#include "net/stamp.h"

namespace molotov::net {

namespace {

// A socket that is not blocking already costs one call here, not two.
bool set_non_blocking(int fd) {
  const int flags = fcntl(fd, F_GETFL);
  if (flags < 0) return false;
  return (flags & O_NONBLOCK) || fcntl(fd, F_SETFL, flags | O_NONBLOCK) == 0;
}

bool is_tcp(int fd) {
  int domain = 0;
  socklen_t size = sizeof domain;
  return getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &size) == 0 &&
         (domain == AF_INET || domain == AF_INET6);
}

// Both only make it better: a socket without them works.
void tune_tcp(int fd) {
  const int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  enable_receive_stamps(fd);
}

// What sendfile() is given at once. Of a whole file it holds back more at a
// time for what follows: BBR then set half more timers to pace it, and it took
// a third more processor time.
constexpr size_t kFilePieceBytes = 128 * 1024;

constexpr bool would_block(int sys_errno) {
  return sys_errno == EAGAIN || sys_errno == EWOULDBLOCK;
}

// sendfile() knows no MSG_NOSIGNAL, and what a program does about SIGPIPE is
// its own business: while this exists the thread is spared the signal.
class NoBrokenPipe {
 public:
  NoBrokenPipe() {
    sigset_t pending;
    sigpending(&pending);
    was_pending_ = sigismember(&pending, SIGPIPE) == 1;
    sigemptyset(&signal_);
    sigaddset(&signal_, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &signal_, &previous_);
  }
  NoBrokenPipe(const NoBrokenPipe&) = delete;
  NoBrokenPipe& operator=(const NoBrokenPipe&) = delete;
  ~NoBrokenPipe() {
    const int failed_with = errno;
    const timespec at_once{};
    if (!was_pending_) sigtimedwait(&signal_, nullptr, &at_once);
    pthread_sigmask(SIG_SETMASK, &previous_, nullptr);
    errno = failed_with;
  }

 private:
  sigset_t signal_;
  sigset_t previous_;
  bool was_pending_ = false;
};

}  // namespace

Result<std::unique_ptr<TcpStream>> TcpStream::adopt(io::EpollLoop& loop,
                                                    Fd connected_socket) {
  const int fd = connected_socket.get();
  if (!set_non_blocking(fd)) return fail_errno("fcntl");
  if (is_tcp(fd)) tune_tcp(fd);
  std::unique_ptr<TcpStream> stream(
      new TcpStream(loop, std::move(connected_socket)));
  if (auto watched = loop.watch(fd, *stream); !watched)
    return std::unexpected(watched.error());
  return stream;
}

TcpStream::TcpStream(io::EpollLoop& loop, Fd socket)
    : loop_(loop), fd_(std::move(socket)) {}

TcpStream::~TcpStream() {
  loop_.unwatch(fd_.get(), *this);
}

ssize_t TcpStream::receive(std::span<char> into, Arrival& arrival) {
  return only_stamping_ ? receive_stamped(into, arrival)
                        : receive_otherwise(into, arrival);
}

// recv() where nobody asks for the stamp.
ssize_t TcpStream::receive_otherwise(std::span<char> into, Arrival& arrival) {
  const ssize_t got = stamping_ ? receive_stamped(into, arrival)
                                : recv(fd_.get(), into.data(), into.size(), 0);
  if (!gathering_) return got;
  const int failed_with = errno;
  if (!gathering_->on_read(got, into.size())) end_gathering();
  errno = failed_with;
  return got;
}

// One recvmsg().
ssize_t TcpStream::receive_stamped(std::span<char> into, Arrival& arrival) {
  StampControl control;
  iovec bytes{into.data(), into.size()};
  msghdr message{};
  message.msg_iov = &bytes;
  message.msg_iovlen = 1;
  message.msg_control = &control;
  message.msg_controllen = sizeof control;
  const ssize_t got = recvmsg(fd_.get(), &message, 0);
  if (got <= 0) return got;
  const Instant now = MonotonicClock::now();
  const auto stamp = find_stamp(message);
  arrival = stamp ? place_stamp(*stamp, {loop_.now(), loop_.wall_now()}, now)
                  : Arrival{now, now, false};
  return got;
}

IoResult TcpStream::read(std::span<char> into) {
  CHECK(!into.empty());
  IoResult result{.status = IoStatus::ok};
  ssize_t got;
  do {
    got = receive(into, result.arrival);
  } while (got < 0 && errno == EINTR);
  if (got < 0) {
    if (would_block(errno)) return {};
    return failed(errno, "read");
  }
  if (got == 0) return {.status = IoStatus::closed};

  result.bytes = static_cast<size_t>(got);
  // What a short read leaves is the end, if that has come already; if it comes
  // now, the loop tells of it again.
  if (result.bytes < into.size())
    result.drained = !hung_up_;
  else
    on_full_read(result.bytes);
  return result;
}

void TcpStream::on_full_read(size_t bytes) {
  if (gathering_ || !haste_.note(bytes, MonotonicClock::now())) return;
  gathering_ = Gathering::begin(loop_, fd_.get(), *this);
  if (gathering_) only_stamping_ = false;
}

void TcpStream::end_gathering() {
  gathering_.reset();
  only_stamping_ = stamping_;
}

IoResult TcpStream::write(std::string_view bytes) {
  if (gathering_) end_gathering();  // what answers it may be short
  ssize_t sent;
  do {
    sent = send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
  } while (sent < 0 && errno == EINTR);
  return taken(sent, bytes.size());
}

// By the kernel, without a copy of it here.
IoResult TcpStream::write_file(int file, uint64_t offset, size_t bytes) {
  const NoBrokenPipe no_signal;
  auto at = static_cast<off_t>(offset);
  size_t done = 0;
  ssize_t sent;
  size_t piece;
  do {
    piece = std::min(bytes - done, kFilePieceBytes);
    sent = sendfile(fd_.get(), file, &at, piece);
    if (sent > 0) done += static_cast<size_t>(sent);
  } while (sent < 0 ? errno == EINTR
                    : static_cast<size_t>(sent) == piece && done < bytes);
  // What stopped it behind some bytes stops the next call too.
  if (done > 0) return taken(static_cast<ssize_t>(done), bytes);
  if (sent == 0) return {.status = IoStatus::closed};
  // A file that cannot be sent so: of a kind or on a disk of its own.
  if (errno == EINVAL || errno == ENOSYS)
    return Stream::write_file(file, offset, bytes);
  return taken(sent, bytes);
}

// What the kernel said to a write of `bytes`.
IoResult TcpStream::taken(ssize_t sent, size_t bytes) {
  if (sent < 0) {
    if (!would_block(errno)) return failed(errno, "write");
    write_blocked_ = true;
    return {};
  }
  const auto count = static_cast<size_t>(sent);
  write_blocked_ = count < bytes;
  return {.status = IoStatus::ok, .bytes = count};
}

void TcpStream::shut_down_write() {
  ::shutdown(fd_.get(), SHUT_WR);
}

IoResult TcpStream::failed(int sys_errno, std::string_view doing) {
  error_ = error_from_errno(sys_errno, doing);
  // On a connected socket these say that the peer is gone (the kernel gave up
  // on it), not that connecting failed.
  if (error_.code != ErrorCode::system) error_.code = ErrorCode::reset;
  return {.status = IoStatus::failed};
}

void TcpStream::on_ready(uint32_t events) {
  constexpr uint32_t kEnded = EPOLLRDHUP | EPOLLHUP | EPOLLERR;
  if (events & kEnded) hung_up_ = true;
  // Being writable is told along with nearly everything, and wanted seldom.
  const bool readable = events & (EPOLLIN | kEnded);
  if (write_blocked_ && (events & (EPOLLOUT | EPOLLHUP | EPOLLERR))) {
    write_blocked_ = false;
    // The listener may destroy this stream: what else it is to be told waits
    // on the loop's queue, which forgets it then.
    if (readable) loop_.post(*this);
    if (listener_) listener_->on_writable();
  } else if (readable) {
    tell_readable(hung_up_);
  }
}

}  // namespace molotov::net
