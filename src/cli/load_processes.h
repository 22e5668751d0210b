// The processes that make the load, as the board shows them: which there are,
// how they ended, and a way to kill the one that it was, not one that has its
// number now.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/fd.h"
#include "metrics/board.h"

namespace molotov::cli {

class LoadProcesses {
 public:
  // The board outlives this.
  explicit LoadProcesses(metrics::Board& board);

  // Looks at the board: notices processes that have begun, whose parent is
  // `parent` or which are `parent` itself, and those whose end their parent has
  // reported. Returns a line for each that should not have ended so.
  std::vector<std::string> look(pid_t parent);

  // One that should not have was seen to end.
  bool any_died() const { return any_died_; }

  // Some process is, or was, at its load.
  bool load_began();
  // All that began have come to the end of their load.
  bool all_finished();
  // All have ended, by their parent's word.
  bool all_exited();

  // One of them is there that kill() would end.
  bool any_left() const;
  void kill();
  bool killed() const { return killed_; }
  // kill() has ended one.
  bool killed_any() const;
  // A line for each that kill() has ended, and whose parent was ended before it
  // has reported that.
  std::vector<std::string> unreported();

  // "Process 7 was killed by SIGKILL".
  std::string describe(pid_t pid, int wait_status) const;

 private:
  struct Ward {
    Fd pid_fd;
    bool known = false;   // it has been looked for
    bool judged = false;  // its end has been looked at
    bool killed = false;
  };
  bool ended_well(metrics::ProcessPart& part) const;

  metrics::Board& board_;
  std::vector<Ward> wards_;  // a part of the board each
  bool load_began_ = false;
  bool any_died_ = false;
  bool killed_ = false;
};

// Whether an end by exit() with this status is what sys.exit() in the script
// led to.
bool is_script_exit(metrics::Board& board, int wait_status);

}  // namespace molotov::cli
