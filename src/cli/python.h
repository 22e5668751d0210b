// The Python process: which interpreter, how it is started, how it ends.
#pragma once

#include <sys/types.h>

#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/fd.h"

namespace molotov::cli {

// The interpreter beside this program (as it was called, and where it really
// is), else the active virtual environment's, else the one on $PATH. Fails when
// there is none.
Result<std::string> find_python();

// A process that was started and not yet waited for. It dies with us: by
// SIGKILL, because with its supervisor its results are gone, and a graceful
// end, which may take minutes, would be load that nobody sees or can stop.
class PythonProcess {
 public:
  struct Plan {
    std::string interpreter;
    std::string supervised;  // the value of MOLOTOV_SUPERVISED
    // More of its environment.
    std::map<std::string, std::string, std::less<>> variables;
    int out_fd;  // its descriptors 1 and 2
    int err_fd;
    std::vector<int> inherited;  // kept open in it, under these numbers
  };

  // Starts `interpreter -P -m molotov`. (-P: a molotov.py in the directory
  // where the user stands is not ours, and Molotov 2 did not import from there
  // either.) Fails when that cannot be executed.
  static Result<PythonProcess> start(const Plan& plan);

  PythonProcess(PythonProcess&&) = default;
  PythonProcess& operator=(PythonProcess&&) = default;
  // Kills it when it has not ended, and waits.
  ~PythonProcess();

  pid_t pid() const { return pid_; }
  // Readable when the process has ended.
  int pid_fd() const { return pid_fd_.get(); }
  void send(int signal);
  // Its wait status, once it has ended.
  std::optional<int> status();

 private:
  PythonProcess(pid_t pid, Fd pid_fd) : pid_(pid), pid_fd_(std::move(pid_fd)) {}

  pid_t pid_;
  Fd pid_fd_;  // none: moved from
  std::optional<int> status_;
};

// A descriptor for a process; none when there is no such process.
Fd open_process(pid_t pid);
void send_signal(const Fd& pid_fd, int signal);

}  // namespace molotov::cli
