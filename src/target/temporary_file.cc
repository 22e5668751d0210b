#include "target/temporary_file.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>
#include <utility>

#include "base/fd.h"
#include "base/write.h"

namespace molotov::target {

namespace {

constexpr std::string_view kSuffix = ".pem";

}  // namespace

TemporaryFile::TemporaryFile(std::string path)
    : path_(std::move(path)), owner_(getpid()) {}

TemporaryFile::~TemporaryFile() {
  if (!path_.empty() && owner_ == getpid()) unlink(path_.c_str());
}

void TemporaryFile::swap(TemporaryFile& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(owner_, other.owner_);
}

Result<TemporaryFile> TemporaryFile::create(const std::string& directory,
                                            std::string_view content) {
  std::string path = fmt::format("{}/molotarget-XXXXXX{}", directory, kSuffix);
  const Fd fd(mkstemps(path.data(), static_cast<int>(kSuffix.size())));
  if (!fd) return fail_errno(fmt::format("create {}", path));
  TemporaryFile file(path);
  if (auto wrote = write_all(fd.get(), content, fmt::format("write {}", path));
      !wrote)
    return std::unexpected(std::move(wrote.error()));
  return file;
}

TemporaryFile TemporaryFile::adopt(std::string path) {
  return TemporaryFile(std::move(path));
}

}  // namespace molotov::target
