#include "cli/python.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/auxv.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <string_view>

namespace molotov::cli {
namespace {

constexpr std::string_view kVariable = "MOLOTOV_SUPERVISED=";

bool is_program(const std::filesystem::path& path) {
  std::error_code ignored;
  return std::filesystem::is_regular_file(path, ignored) &&
         access(path.c_str(), X_OK) == 0;
}

std::optional<std::string> python_in(const std::filesystem::path& directory) {
  for (const char* name : {"python3", "python"})
    if (auto path = directory / name; is_program(path)) return path;
  return std::nullopt;
}

std::vector<std::filesystem::path> own_directories() {
  std::vector<std::filesystem::path> directories;
  // As it was called: a link in an environment's bin/ means that environment.
  if (const auto called = getauxval(AT_EXECFN)) {
    // NOLINTNEXTLINE(performance-no-int-to-ptr): so it comes from the kernel.
    const char* path = reinterpret_cast<const char*>(called);
    directories.push_back(std::filesystem::path(path).parent_path());
  }
  std::error_code error;
  const auto real = std::filesystem::read_symlink("/proc/self/exe", error);
  if (!error) directories.push_back(real.parent_path());
  return directories;
}

std::vector<std::filesystem::path> search_path() {
  std::vector<std::filesystem::path> directories;
  const char* variable = std::getenv("PATH");
  std::string_view rest = variable ? variable : "/usr/bin:/bin";
  while (!rest.empty()) {
    const std::string_view part = rest.substr(0, rest.find(':'));
    rest.remove_prefix(std::min(part.size() + 1, rest.size()));
    if (!part.empty()) directories.emplace_back(part);
  }
  return directories;
}

// "NAME=value" for MOLOTOV_SUPERVISED and for what the plan sets.
std::vector<std::string> variables_of(const PythonProcess::Plan& plan) {
  std::vector<std::string> entries{std::string(kVariable) + plan.supervised};
  for (const auto& [name, value] : plan.variables)
    entries.emplace_back(name).append("=").append(value);
  return entries;
}

// The environment, with these entries put over it.
std::vector<char*> environment_with(std::vector<std::string>& entries) {
  std::vector<char*> result;
  const auto is_replaced = [&](std::string_view entry) {
    const std::string_view name = entry.substr(0, entry.find('=') + 1);
    return std::ranges::any_of(
        entries, [=](std::string_view own) { return own.starts_with(name); });
  };
  for (char** entry = environ; *entry; ++entry)
    if (!is_replaced(*entry)) result.push_back(*entry);
  for (std::string& entry : entries) result.push_back(entry.data());
  result.push_back(nullptr);
  return result;
}

void reset_signals() {
  // A terminal's Ctrl+C goes to the whole group, but is ours to act on.
  signal(SIGINT, SIG_IGN);
  signal(SIGTERM, SIG_DFL);
  signal(SIGPIPE, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
}

// In the new process, between fork and exec: system calls only.
[[noreturn]] void become(const PythonProcess::Plan& plan, char* const* argv,
                         char* const* environment, pid_t parent,
                         int error_pipe) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(1);  // it died before that took effect
  reset_signals();
  for (int fd : plan.inherited) fcntl(fd, F_SETFD, 0);
  dup2(plan.out_fd, STDOUT_FILENO);
  dup2(plan.err_fd, STDERR_FILENO);
  execve(argv[0], argv, environment);
  const int error = errno;
  [[maybe_unused]] const ssize_t ignored =
      write(error_pipe, &error, sizeof error);
  _exit(127);
}

}  // namespace

Result<std::string> find_python() {
  for (const auto& directory : own_directories())
    if (auto found = python_in(directory)) return *found;
  if (const char* environment = std::getenv("VIRTUAL_ENV"))
    if (auto found = python_in(std::filesystem::path(environment) / "bin"))
      return *found;
  for (const auto& directory : search_path())
    if (is_program(directory / "python3")) return directory / "python3";
  return fail(ErrorCode::invalid_argument,
              "no python3 beside molotov, in $VIRTUAL_ENV or on $PATH");
}

Result<PythonProcess> PythonProcess::start(const Plan& plan) {
  std::string interpreter = plan.interpreter, p = "-P", m = "-m";
  std::string module = "molotov";
  std::array<char*, 5> argv{interpreter.data(), p.data(), m.data(),
                            module.data(), nullptr};
  std::vector<std::string> variables = variables_of(plan);
  const std::vector<char*> environment = environment_with(variables);
  std::array<int, 2> pipe_ends;
  if (pipe2(pipe_ends.data(), O_CLOEXEC) != 0) return fail_errno("make a pipe");
  Fd reading(pipe_ends[0]), writing(pipe_ends[1]);

  const pid_t parent = getpid();
  const pid_t pid = fork();
  if (pid < 0) return fail_errno("start a process");
  if (pid == 0)
    become(plan, argv.data(), environment.data(), parent, writing.get());
  writing.reset();
  PythonProcess process(pid, open_process(pid));
  int error = 0;
  if (read(reading.get(), &error, sizeof error) == sizeof error) {
    errno = error;
    return fail_errno("execute " + plan.interpreter);
  }
  if (!process.pid_fd_) return fail_errno("watch a process");
  return process;
}

PythonProcess::~PythonProcess() {
  if (!pid_fd_ || status()) return;
  send(SIGKILL);
  waitpid(pid_, nullptr, 0);
}

void PythonProcess::send(int signal) {
  if (!status_) send_signal(pid_fd_, signal);
}

std::optional<int> PythonProcess::status() {
  int status = 0;
  if (!status_ && waitpid(pid_, &status, WNOHANG) == pid_) status_ = status;
  return status_;
}

Fd open_process(pid_t pid) {
  return Fd(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
}

void send_signal(const Fd& pid_fd, int signal) {
  syscall(SYS_pidfd_send_signal, pid_fd.get(), signal, nullptr, 0);
}

}  // namespace molotov::cli
