// A queue of bytes that never makes its writer wait: it is held in memory up to
// a bound, then in a temporary file that has no name, up to another, and what
// does not fit there is dropped and counted. First in, first out.
//
// One thread at a time.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/buffer.h"
#include "base/fd.h"

namespace molotov::cli {

class Spool {
 public:
  struct Limits {
    size_t memory_bytes = 1 << 20;
    // The file takes no more than a tenth of the space that was free, either.
    uint64_t file_bytes = 1 << 30;
  };

  // The file is made in `directory`, when it is first needed.
  Spool(Limits limits, std::string directory);

  // Keeps all of `bytes`, or drops all of it.
  void put(std::string_view bytes);
  // Takes at most `most` bytes from the front; empty when there are none.
  std::string take(size_t most);

  bool empty() const { return memory_.empty() && file_size_ == 0; }
  // How many bytes did not fit, or could not be read back.
  uint64_t dropped() const { return dropped_; }

 private:
  void open_file();
  bool put_in_file(std::string_view bytes);
  std::string take_from_file(size_t most);

  Limits limits_;
  std::string directory_;
  uint64_t dropped_ = 0;
  Buffer memory_;  // older than what is in the file
  // The file is a ring of file_limit_ bytes.
  Fd file_;
  bool file_tried_ = false;
  uint64_t file_limit_ = 0;
  uint64_t file_begin_ = 0;
  uint64_t file_size_ = 0;
};

// Where temporary files go: $TMPDIR, or /tmp.
std::string temporary_directory();

}  // namespace molotov::cli
