#include "net/datagram_sender.h"

#include <netinet/in.h>
#include <netinet/udp.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "base/check.h"

namespace molotov::net {

namespace {

// Sent with one system call.
constexpr size_t kDatagramsPerCall = 64;
// A turn that queues more sends them in between: it may well be long.
constexpr size_t kQueuedPerTurn = 512;
// Sizes that are told apart; others go in order.
constexpr size_t kLotsMost = 16;
// What fits every path of today whole, so that it may be a segment.
constexpr size_t kSegmentBytesMost = 1200;
constexpr size_t kSegmentsMost = 64;  // UDP_MAX_SEGMENTS
constexpr size_t kPieceBytesMost = 60'000;

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
  // Older kernels, and sockets that are not UDP's, do not know it.
  const int off = 0;
  kernel_cuts_ =
      setsockopt(fd_.get(), SOL_UDP, UDP_SEGMENT, &off, sizeof off) == 0;
  if (::connect(fd_.get(), name, address.size) == 0) return {};
  auto failed = fail_errno("cannot send");
  fd_.reset();
  return failed;
}

// Whether there is room for one more.
bool DatagramSender::takes(size_t bytes) {
  if (!fd_) return false;
  const size_t all = bytes_.size() + lot_bytes() + bytes;
  if (queued() < kQueuedMost && all <= kQueuedBytesMost) return true;
  lost_++;
  return false;
}

size_t DatagramSender::lot_bytes() const {
  size_t bytes = 0;
  for (const Lot& lot : lots_) bytes += lot.bytes.size() - lot.begin;
  return bytes;
}

void DatagramSender::send(std::string_view datagram) {
  if (!takes(datagram.size())) return;
  bytes_ += datagram;
  sizes_.push_back(static_cast<uint32_t>(datagram.size()));
  go_on();
}

void DatagramSender::send_in_any_order(std::string_view datagram) {
  const size_t size = datagram.size();
  if (!kernel_cuts_ || size > kSegmentBytesMost || size == 0)
    return send(datagram);
  auto lot = std::ranges::find(lots_, size, &Lot::size);
  if (lot == lots_.end()) {
    if (lots_.size() == kLotsMost) return send(datagram);
    lot = lots_.insert(lot, Lot{.size = size});
  }
  if (!takes(size)) return;
  lot->bytes += datagram;
  in_lots_++;
  go_on();
}

void DatagramSender::go_on() {
  if (blocked_) return;
  if (queued() >= kQueuedPerTurn)
    flush();
  else
    loop_.post(*this);
}

void DatagramSender::flush() {
  flush_in_order();
  if (fd_ && !blocked_) flush_lots();
}

void DatagramSender::flush_lots() {
  for (Lot& lot : lots_) {
    while (fd_ && lot.count() > 0) {
      const size_t wanted = kernel_cuts_
                                ? std::min({lot.count(), kSegmentsMost,
                                            kPieceBytesMost / lot.size})
                                : 1;
      if (send_some_of(lot, wanted)) {
        take(lot, wanted);
      } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
        return set_blocked(true);
      } else if (errno != EINTR) {
        on_lot_error(lot, wanted, errno);
      }
    }
    if (lot.count() == 0) lot.clear();
  }
}

// Off the lot, the first ones.
void DatagramSender::take(Lot& lot, size_t datagrams) {
  lot.begin += datagrams * lot.size;
  in_lots_ -= datagrams;
  // What is gone is moved away once it is much, and most of it.
  if (lot.begin < kPieceBytesMost || lot.begin * 2 < lot.bytes.size()) return;
  lot.bytes.erase(0, lot.begin);
  lot.begin = 0;
}

// The lot's first ones, all or none of them; false with errno set.
bool DatagramSender::send_some_of(const Lot& lot, size_t datagrams) {
  iovec piece{const_cast<char*>(lot.bytes.data()) + lot.begin,
              datagrams * lot.size};
  msghdr message{};
  message.msg_iov = &piece;
  message.msg_iovlen = 1;
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(uint16_t))] = {};
  if (datagrams > 1) {
    message.msg_control = control;
    message.msg_controllen = sizeof control;
    cmsghdr* const segment = CMSG_FIRSTHDR(&message);
    segment->cmsg_level = SOL_UDP;
    segment->cmsg_type = UDP_SEGMENT;
    segment->cmsg_len = CMSG_LEN(sizeof(uint16_t));
    const auto size = static_cast<uint16_t>(lot.size);
    std::memcpy(CMSG_DATA(segment), &size, sizeof size);
  }
  return sendmsg(fd_.get(), &message, 0) >= 0;
}

void DatagramSender::on_lot_error(Lot& lot, size_t datagrams, int sys_errno) {
  Error error = error_from_errno(sys_errno, "cannot send");
  if (error.code == ErrorCode::connect_refused) return on_refused(error);
  // A device or a route that it cannot be done on.
  if (datagrams > 1 && std::exchange(kernel_cuts_, false)) return;
  lost_ += datagrams;
  take(lot, datagrams);
  tell(error);
}

void DatagramSender::flush_in_order() {
  while (fd_ && in_order() > 0) {
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
  const size_t count = std::min(in_order(), kDatagramsPerCall);
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
  drop_all();
  tell(error);
}

void DatagramSender::drop_all() {
  lost_ += queued();
  drop(in_order());
  for (Lot& lot : lots_) lot.clear();
  in_lots_ = 0;
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
  drop_all();
  set_blocked(false);
  fd_.reset();
}

}  // namespace molotov::net
