// A file that is there for as long as its owner.
#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>

#include "base/error.h"

namespace molotov::target {

// Removed by the process that made this, not by those that it forks.
class TemporaryFile {
 public:
  TemporaryFile() = default;
  TemporaryFile(TemporaryFile&& other) noexcept { swap(other); }
  TemporaryFile& operator=(TemporaryFile&& other) noexcept {
    swap(other);
    return *this;
  }
  ~TemporaryFile();

  // Makes one that only its owner may read: DIRECTORY/molotarget-XXXXXX.pem.
  static Result<TemporaryFile> create(const std::string& directory,
                                      std::string_view content);
  // Takes over a file that is there.
  static TemporaryFile adopt(std::string path);

  const std::string& path() const { return path_; }

 private:
  explicit TemporaryFile(std::string path);
  void swap(TemporaryFile& other) noexcept;

  std::string path_;  // "" for none
  pid_t owner_ = 0;
};

}  // namespace molotov::target
