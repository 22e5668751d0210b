#include "cli/load_processes.h"

#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>

#include <algorithm>
#include <fstream>
#include <utility>

#include "cli/python.h"
#include "report/summary.h"

namespace molotov::cli {
namespace {

using metrics::Phase;

Phase phase_of(const metrics::ProcessPart& part) {
  return static_cast<Phase>(part.phase.get());
}

// From /proc; 0 when there is no such process.
pid_t parent_of(pid_t pid) {
  std::ifstream file(fmt::format("/proc/{}/stat", pid));
  std::string text;
  std::getline(file, text);
  // "PID (NAME) STATE PARENT ...", where a name may hold anything.
  const size_t end = text.rfind(')');
  if (end == std::string::npos || end + 4 > text.size()) return 0;
  return static_cast<pid_t>(std::atol(text.c_str() + end + 4));
}

bool has_ended(const Fd& pid_fd) {
  pollfd end{pid_fd.get(), POLLIN, 0};
  return poll(&end, 1, 0) > 0;
}

std::string late_line(pid_t pid) {
  return fmt::format("Process {} did not stop in time and was killed", pid);
}

}  // namespace

LoadProcesses::LoadProcesses(metrics::Board& board)
    : board_(board), wards_(board.processes()) {}

std::vector<std::string> LoadProcesses::look(pid_t parent) {
  std::vector<std::string> lines;
  for (size_t i = 0; i < wards_.size(); ++i) {
    metrics::ProcessPart& part = board_.part(i);
    Ward& ward = wards_[i];
    const auto pid = static_cast<pid_t>(part.pid.get());
    if (pid != 0 && !ward.known) {
      ward.known = true;
      // Opened first, looked at then: should the number be another's by now,
      // its parent is another too.
      ward.pid_fd = open_process(pid);
      if (pid != parent && parent_of(pid) != parent) ward.pid_fd.reset();
    }
    if (part.exited.get() != 1 || ward.judged) continue;
    ward.judged = true;
    ward.pid_fd.reset();
    if (ended_well(part)) continue;
    any_died_ = true;
    lines.push_back(describe(pid, static_cast<int>(part.wait_status.get())));
  }
  return lines;
}

bool LoadProcesses::ended_well(metrics::ProcessPart& part) const {
  const int status = static_cast<int>(part.wait_status.get());
  if (is_script_exit(board_, status)) return true;
  // 1: a fixture failed, which has been said and counted.
  return WIFEXITED(status) && WEXITSTATUS(status) <= 1 &&
         phase_of(part) == Phase::finished;
}

bool LoadProcesses::load_began() {
  for (size_t i = 0; i < wards_.size() && !load_began_; ++i)
    load_began_ = phase_of(board_.part(i)) >= Phase::running;
  return load_began_;
}

bool LoadProcesses::all_finished() {
  for (size_t i = 0; i < wards_.size(); ++i)
    if (phase_of(board_.part(i)) != Phase::finished) return false;
  return true;
}

bool LoadProcesses::all_exited() {
  for (size_t i = 0; i < wards_.size(); ++i)
    if (board_.part(i).exited.get() != 1) return false;
  return true;
}

bool LoadProcesses::any_left() const {
  return std::ranges::any_of(
      wards_, [](const Ward& ward) { return bool(ward.pid_fd); });
}

void LoadProcesses::kill() {
  killed_ = true;
  for (Ward& ward : wards_) {
    if (!ward.pid_fd || has_ended(ward.pid_fd)) continue;
    send_signal(ward.pid_fd, SIGKILL);
    ward.killed = true;
  }
}

bool LoadProcesses::killed_any() const {
  return std::ranges::any_of(wards_, &Ward::killed);
}

std::vector<std::string> LoadProcesses::unreported() {
  std::vector<std::string> lines;
  for (size_t i = 0; i < wards_.size(); ++i) {
    if (!wards_[i].killed || std::exchange(wards_[i].judged, true)) continue;
    any_died_ = true;
    lines.push_back(late_line(static_cast<pid_t>(board_.part(i).pid.get())));
  }
  return lines;
}

std::string LoadProcesses::describe(pid_t pid, int wait_status) const {
  const bool by_us =
      killed_ && WIFSIGNALED(wait_status) && WTERMSIG(wait_status) == SIGKILL;
  if (by_us) return late_line(pid);
  const bool early = WIFEXITED(wait_status);
  return report::death_line(pid, wait_status) +
         (early ? " before its work was done" : "");
}

bool is_script_exit(metrics::Board& board, int wait_status) {
  const uint32_t code = board.shared().script_exit.load();
  if (code == 0) return false;
  // Python ends by SIGINT where a KeyboardInterrupt has passed an exec().
  const bool interrupted =
      WIFSIGNALED(wait_status) && WTERMSIG(wait_status) == SIGINT;
  const int status = interrupted ? 128 + SIGINT : WEXITSTATUS(wait_status);
  return (interrupted || WIFEXITED(wait_status)) &&
         static_cast<uint32_t>(status) == code - 1;
}

}  // namespace molotov::cli
