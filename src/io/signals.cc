#include "io/signals.h"

#include <sys/epoll.h>
#include <sys/signalfd.h>

#include <utility>

namespace molotov::io {

Result<std::unique_ptr<Signals>> Signals::create(
    Loop& loop, std::initializer_list<int> signals, Callback callback) {
  sigset_t set;
  sigemptyset(&set);
  for (int signal : signals) sigaddset(&set, signal);
  Fd fd(signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!fd) return fail_errno("signalfd");

  std::unique_ptr<Signals> made(new Signals(loop, std::move(callback)));
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  made->fd_ = std::move(fd);
  auto watched = loop.watch_level(made->fd_.get(), EPOLLIN, *made);
  if (!watched) return std::unexpected(watched.error());
  return made;
}

Signals::Signals(Loop& loop, Callback callback)
    : loop_(loop), callback_(std::move(callback)) {
  pthread_sigmask(SIG_SETMASK, nullptr, &previous_);
}

Signals::~Signals() {
  if (fd_) loop_.unwatch(fd_.get(), *this);
  restore_mask();
}

void Signals::restore_mask() const {
  pthread_sigmask(SIG_SETMASK, &previous_, nullptr);
}

void Signals::on_ready(uint32_t) {
  // One at a time: the loop tells again while there are more.
  signalfd_siginfo info;
  if (::read(fd_.get(), &info, sizeof info) == sizeof info)
    callback_(static_cast<int>(info.ssi_signo));
}

}  // namespace molotov::io
