#include "cli/writer.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>

#include <cerrno>

namespace molotov::cli {
namespace {

constexpr size_t kPieceBytes = 64 * 1024;

// Blocks all signals of the calling thread for as long as it lives. A thread
// made meanwhile has them blocked for good: signals are the main thread's, and
// SIGPIPE turns into EPIPE.
class SignalsBlocked {
 public:
  SignalsBlocked() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~SignalsBlocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

 private:
  sigset_t before_;
};

}  // namespace

Writer::Writer(int fd, Spool spool) : fd_(fd), spool_(std::move(spool)) {
  SignalsBlocked blocked;
  thread_ = std::thread([this] { run(); });
}

Writer::~Writer() {
  {
    std::lock_guard lock(mutex_);
    closing_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void Writer::write(std::string_view bytes) {
  {
    std::lock_guard lock(mutex_);
    if (error_ != 0) return;
    spool_.put(bytes);
  }
  changed_.notify_all();
}

bool Writer::idle() {
  return wait_idle(Duration::zero());
}

bool Writer::wait_idle(Duration longest) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, longest,
                           [this] { return spool_.empty() && !writing_; });
}

uint64_t Writer::dropped() {
  std::lock_guard lock(mutex_);
  return spool_.dropped();
}

int Writer::error() {
  std::lock_guard lock(mutex_);
  return error_;
}

void Writer::run() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return !spool_.empty() || closing_; });
    if (spool_.empty()) return;
    const std::string piece = spool_.take(kPieceBytes);
    writing_ = true;
    lock.unlock();
    const int error = write_all(piece);
    lock.lock();
    writing_ = false;
    error_ = error;
    if (error_ != 0)
      while (!spool_.take(kPieceBytes).empty()) {
      }
    changed_.notify_all();
  }
}

int Writer::write_all(std::string_view bytes) const {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd_, bytes.data(), bytes.size());
    if (written >= 0) {
      bytes.remove_prefix(static_cast<size_t>(written));
    } else if (errno == EAGAIN) {
      // Another program has made it non-blocking.
      pollfd ready{fd_, POLLOUT, 0};
      poll(&ready, 1, -1);
    } else if (errno != EINTR) {
      return errno;
    }
  }
  return 0;
}

}  // namespace molotov::cli
