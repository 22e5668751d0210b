#include "cli/signal_watch.h"

#include <pthread.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <unistd.h>

namespace molotov::cli {

SignalWatch::SignalWatch(io::Loop& loop, std::function<void(int)> on_signal)
    : loop_(loop), on_signal_(std::move(on_signal)) {}

SignalWatch::~SignalWatch() {
  if (!fd_) return;
  loop_.unwatch(fd_.get(), *this);
  pthread_sigmask(SIG_SETMASK, &mask_before_, nullptr);
}

Result<> SignalWatch::start() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  fd_.reset(signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!fd_) return fail_errno("watch for signals");
  pthread_sigmask(SIG_BLOCK, &signals, &mask_before_);
  return loop_.watch_level(fd_.get(), EPOLLIN, *this);
}

void SignalWatch::on_ready(uint32_t) {
  signalfd_siginfo info;
  if (read(fd_.get(), &info, sizeof info) == sizeof info)
    on_signal_(static_cast<int>(info.ssi_signo));
}

}  // namespace molotov::cli
