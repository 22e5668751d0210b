// What the supervisor and the processes under it have in common: the board, a
// pipe for each one's output, and an eventfd to wake each one.
// docs/architecture.md has the protocol.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/fd.h"
#include "cli/options.h"
#include "metrics/board.h"

namespace molotov::cli {

struct Pipe {
  Fd reading;
  Fd writing;
};

class Plumbing {
 public:
  // REQUIRES: processes >= 1. Fails where descriptors or memory run out.
  static Result<Plumbing> create(size_t processes);

  size_t processes() const { return wakes_.size(); }
  metrics::Board& board() { return *board_; }
  std::vector<Pipe>& out() { return out_; }
  std::vector<Pipe>& err() { return err_; }

  // All that the Python process inherits.
  std::vector<int> inherited() const;
  // The value of MOLOTOV_SUPERVISED.
  std::string describe(const Options& options) const;
  // Once it is started: so that a pipe ends when its last writer does.
  void close_writing_ends();

  // Makes every process look at the board.
  void wake_all();

 private:
  std::unique_ptr<metrics::Board> board_;
  std::vector<Fd> wakes_;
  std::vector<Pipe> out_;
  std::vector<Pipe> err_;
};

}  // namespace molotov::cli
