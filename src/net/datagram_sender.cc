#include "net/datagram_sender.h"

#include <poll.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "base/check.h"

namespace molotov::net {

namespace {

// Sent with one system call.
constexpr size_t kDatagramsPerCall = 64;
// A turn that queues more sends them in between: it may well be long.
constexpr size_t kQueuedPerTurn = 512;

}  // namespace

DatagramSender::DatagramSender(io::Loop& loop, OnLoss on_loss)
    : loop_(loop), on_loss_(std::move(on_loss)) {}

DatagramSender::~DatagramSender() {
  set_blocked(false);
}

Result<> DatagramSender::open(std::vector<Address> addresses) {
  CHECK(!is_open() && !addresses.empty());
  addresses_ = std::move(addresses);
  refusals_ = 0;
  return connect(0);
}

// To one of the addresses, that one first.
Result<> DatagramSender::connect(size_t first) {
  set_blocked(false);
  Result<> connected;
  for (size_t i = 0; i < addresses_.size(); i++) {
    address_ = (first + i) % addresses_.size();
    if ((connected = connect_to(addresses_[address_]))) break;
  }
  return connected;
}

Result<> DatagramSender::connect_to(const Address& address) {
  constexpr int kType = SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC;
  fd_ = Fd(socket(address.family(), kType, 0));
  if (!fd_) return fail_errno("make a socket");
  const auto* const name = reinterpret_cast<const sockaddr*>(&address.storage);
  if (::connect(fd_.get(), name, address.size) == 0) return {};
  auto failed = fail_errno("cannot send");
  fd_.reset();
  return failed;
}

void DatagramSender::send(std::string_view datagram) {
  if (!fd_) return;
  if (queued() >= kQueuedMost ||
      bytes_.size() + datagram.size() > kQueuedBytesMost) {
    lost_++;
    return;
  }
  bytes_ += datagram;
  sizes_.push_back(static_cast<uint32_t>(datagram.size()));
  if (blocked_) return;
  if (queued() >= kQueuedPerTurn)
    flush();
  else
    loop_.post(*this);
}

void DatagramSender::flush() {
  while (fd_ && queued() > 0) {
    const int sent = send_some();
    if (sent > 0) {
      drop(static_cast<size_t>(sent));
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      return set_blocked(true);
    } else if (errno != EINTR) {
      on_error(errno);
    }
  }
}

// Returns how many were sent; -1 with errno set.
int DatagramSender::send_some() {
  std::array<iovec, kDatagramsPerCall> pieces;
  std::array<mmsghdr, kDatagramsPerCall> messages;
  const size_t count = std::min(queued(), kDatagramsPerCall);
  char* at = bytes_.data() + first_byte_;
  for (size_t i = 0; i < count; i++) {
    pieces[i] = {at, sizes_[first_ + i]};
    at += sizes_[first_ + i];
    messages[i] = {};
    messages[i].msg_hdr.msg_iov = &pieces[i];
    messages[i].msg_hdr.msg_iovlen = 1;
  }
  return sendmmsg(fd_.get(), messages.data(), static_cast<unsigned>(count), 0);
}

// Off the queue, the first ones.
void DatagramSender::drop(size_t datagrams) {
  for (const size_t end = first_ + datagrams; first_ < end; first_++)
    first_byte_ += sizes_[first_];
  // What is gone is moved away once it is most of it.
  if (first_ * 2 < sizes_.size()) return;
  sizes_.erase(sizes_.begin(),
               sizes_.begin() + static_cast<std::ptrdiff_t>(first_));
  bytes_.erase(0, first_byte_);
  first_ = first_byte_ = 0;
}

void DatagramSender::on_error(int sys_errno) {
  Error error = error_from_errno(sys_errno, "cannot send");
  // It was an earlier one that was refused; this one was not sent yet.
  if (error.code == ErrorCode::connect_refused) return on_refused(error);
  lost_++;
  drop(1);
  tell(error);
}

void DatagramSender::on_refused(const Error& error) {
  lost_++;
  if (addresses_.size() > 1) {
    // Should none of them do any more, nothing is open.
    [[maybe_unused]] const auto connected = connect(address_ + 1);
  }
  if (++refusals_ < addresses_.size()) return;
  // Nobody is there: not worth a system call for each of them.
  lost_ += queued();
  drop(queued());
  tell(error);
}

void DatagramSender::tell(const Error& error) {
  if (!std::exchange(told_, true)) on_loss_(error);
}

void DatagramSender::set_blocked(bool blocked) {
  if (blocked == blocked_) return;
  blocked_ = blocked && loop_.watch_level(fd_.get(), EPOLLOUT, *this);
  if (!blocked) loop_.unwatch(fd_.get(), *this);
}

void DatagramSender::on_ready(uint32_t) {
  set_blocked(false);
  flush();
}

void DatagramSender::close(Duration patience) {
  const Instant end = MonotonicClock::now() + patience;
  flush();
  while (blocked_) {
    const Duration left = end - MonotonicClock::now();
    if (left <= 0ns) break;
    pollfd room{fd_.get(), POLLOUT, 0};
    const auto ms = std::chrono::ceil<std::chrono::milliseconds>(left);
    poll(&room, 1, static_cast<int>(ms.count()));
    set_blocked(false);
    flush();
  }
  lost_ += queued();
  drop(queued());
  set_blocked(false);
  fd_.reset();
}

}  // namespace molotov::net
