#include "io/guest.h"

#include <sys/timerfd.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

namespace molotov::io {

Result<std::unique_ptr<Guest>> Guest::create(EpollLoop& loop) {
  Fd alarm(timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK));
  if (!alarm) return fail_errno("timerfd_create");
  std::unique_ptr<Guest> guest(new Guest(loop, std::move(alarm)));
  const auto watched = loop.watch_level(guest->alarm_.get(), EPOLLIN, *guest);
  if (!watched) return std::unexpected(watched.error());
  return guest;
}

Guest::Guest(EpollLoop& loop, Fd alarm)
    : loop_(loop), alarm_(std::move(alarm)) {}

Guest::~Guest() {
  loop_.unwatch(alarm_.get(), *this);
}

void Guest::enter() {
  loop_.update_now();
  if (!std::exchange(turn_wanted_, true)) loop_.wake();
}

void Guest::turn() {
  turn_wanted_ = false;
  loop_.turn(0ns);
  if (loop_.has_work())
    enter();
  else
    set_alarm();
}

// Time-outs are mostly disarmed before they are due, and others armed for
// later: an alarm that comes too early costs less than setting it each time.
void Guest::set_alarm() {
  const Instant next = loop_.next_deadline();
  if (next >= alarm_at_) return;
  const auto since = std::max(next.time_since_epoch(), Duration(1));
  const auto whole = std::chrono::floor<std::chrono::seconds>(since);
  const itimerspec at{{}, {whole.count(), (since - whole).count()}};
  // Fails for no descriptor and no time that there can be here.
  [[maybe_unused]] const int set =
      timerfd_settime(alarm_.get(), TFD_TIMER_ABSTIME, &at, nullptr);
  alarm_at_ = next;
}

void Guest::on_ready(uint32_t) {
  uint64_t count;
  [[maybe_unused]] const ssize_t got =
      ::read(alarm_.get(), &count, sizeof count);
  alarm_at_ = Instant::max();
}

}  // namespace molotov::io
