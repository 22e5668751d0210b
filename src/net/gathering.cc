#include "net/gathering.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>

namespace molotov::net {

namespace {

constexpr uint64_t kGatheredBytes = 256 * 1024;
constexpr Duration kLongest = 100us;
// In which as many come as one read brings, if they come fast.
constexpr size_t kFewBytes = 64 * 1024;

constexpr size_t kProofBytes = 8 << 20;
constexpr Duration kProofTime = 50ms;
// Room for less says nothing of how fast they come.
constexpr size_t kLeastRoom = 16 * 1024;

// Tells the kernel how many bytes are worth telling of.
bool set_least(int fd, uint64_t least_bytes) {
  const auto bytes = static_cast<int>(least_bytes);
  return setsockopt(fd, SOL_SOCKET, SO_RCVLOWAT, &bytes, sizeof bytes) == 0;
}

bool is_tcp(int fd) {
  int protocol = 0;
  socklen_t size = sizeof protocol;
  return getsockopt(fd, SOL_SOCKET, SO_PROTOCOL, &protocol, &size) == 0 &&
         protocol == IPPROTO_TCP;
}

}  // namespace

bool Haste::note(size_t bytes, Instant now) {
  if (bytes < kLeastRoom) return false;
  bytes_ += bytes;
  if (bytes_ < kProofBytes) return false;
  const bool fast = now - since_ <= kProofTime;
  bytes_ = 0;
  since_ = now;
  return fast;
}

std::unique_ptr<Gathering> Gathering::begin(io::EpollLoop& loop, int fd,
                                            io::Work& reading) {
  if (!is_tcp(fd) || !set_least(fd, kGatheredBytes)) return nullptr;
  return std::unique_ptr<Gathering>(new Gathering(loop, fd, reading));
}

Gathering::Gathering(io::EpollLoop& loop, int fd, io::Work& reading)
    : loop_(loop), fd_(fd), reading_(reading), least_bytes_(kGatheredBytes) {}

Gathering::~Gathering() {
  set_least(fd_, 1);
}

bool Gathering::on_read(ssize_t got, size_t room) {
  const auto bytes = static_cast<size_t>(std::max<ssize_t>(got, 0));
  bytes_ += bytes;
  expected_bytes_ -= std::min<uint64_t>(bytes, expected_bytes_);
  if (expected_bytes_ == 0) return false;
  if (got == static_cast<ssize_t>(room)) return true;
  // There is nothing left.
  if (waited_ && bytes_ < kFewBytes) return false;
  const uint64_t least = std::min(expected_bytes_, kGatheredBytes);
  if (least != least_bytes_) set_least(fd_, least);
  least_bytes_ = least;
  bytes_ = 0;
  waited_ = false;
  loop_.arm(*this, MonotonicClock::now() + kLongest);
  return true;
}

void Gathering::on_timer() {
  waited_ = true;
  loop_.post(reading_);
}

}  // namespace molotov::net
