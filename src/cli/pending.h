// Says, once, what a run that should have ended by now still waits for: whoever
// pressed Ctrl+C would like to know.
#pragma once

#include <optional>
#include <string>

#include "base/time.h"
#include "cli/options.h"
#include "metrics/board.h"

namespace molotov::cli {

class Pending {
 public:
  // Both are borrowed.
  Pending(const Options& options, metrics::Board& board)
      : options_(options), board_(board) {}

  // The line to print, when it is time for it; nullopt at all other calls.
  // `interrupted`: the user has asked for the end already.
  std::optional<std::string> look(Instant now, bool interrupted);

 private:
  bool load_is_over(Instant now);

  const Options& options_;
  metrics::Board& board_;
  std::optional<Instant> over_since_;
  bool said_ = false;
};

}  // namespace molotov::cli
