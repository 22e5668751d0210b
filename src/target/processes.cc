#include "target/processes.h"

#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

namespace molotov::target {

namespace {

sigset_t held_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGCHLD})
    sigaddset(&signals, number);
  return signals;
}

Result<> judge_end(long index, pid_t pid, int status) {
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return {};
  const std::string how =
      WIFSIGNALED(status)
          ? fmt::format("was killed by SIG{}", sigabbrev_np(WTERMSIG(status)))
          : fmt::format("ended with status {}", WEXITSTATUS(status));
  return fail(ErrorCode::system,
              fmt::format("process {} (pid {}) {}", index + 1, pid, how));
}

}  // namespace

void hold_signals() {
  const sigset_t held = held_signals();
  sigprocmask(SIG_BLOCK, &held, nullptr);
  signal(SIGPIPE, SIG_IGN);
}

Result<std::optional<unsigned>> Children::fork_all(unsigned count) {
  const pid_t parent = getpid();
  for (unsigned i = 0; i < count; i++) {
    const pid_t pid = fork();
    if (pid < 0) return fail_errno("fork");
    if (pid > 0) {
      pids_.push_back(pid);
      continue;
    }
    pids_.clear();
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    // The parent may have died before that.
    if (getppid() != parent) raise(SIGKILL);
    return i;
  }
  return std::nullopt;
}

// Waits for a child that has ended; whether there was one.
Result<bool> Children::reap() {
  int status = 0;
  const pid_t pid = waitpid(-1, &status, WNOHANG);
  const auto found = std::find(pids_.begin(), pids_.end(), pid);
  if (pid <= 0 || found == pids_.end()) return false;
  *found = -1;
  if (auto end = judge_end(found - pids_.begin(), pid, status); !end)
    return std::unexpected(std::move(end.error()));
  return true;
}

Result<> Children::wait() {
  const sigset_t signals = held_signals();
  for (;;) {
    const int signal = sigwaitinfo(&signals, nullptr);
    if (signal > 0 && signal != SIGCHLD) return {};
    const auto reaped = reap();
    if (!reaped) return std::unexpected(reaped.error());
    if (*reaped) return {};
  }
}

// They hold nothing that would need a better end than this.
void Children::end_all() {
  for (const pid_t pid : pids_)
    if (pid > 0) kill(pid, SIGKILL);
  for (const pid_t pid : pids_)
    if (pid > 0) waitpid(pid, nullptr, 0);
}

}  // namespace molotov::target
