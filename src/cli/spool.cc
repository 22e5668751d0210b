#include "cli/spool.h"

#include <fcntl.h>
#include <sys/statvfs.h>

#include <algorithm>
#include <cstdlib>

namespace molotov::cli {
namespace {

Fd open_unnamed(const std::string& directory) {
  Fd file(open(directory.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
  if (file) return file;
  // Not all file systems have O_TMPFILE.
  std::string path = directory + "/molotov-XXXXXX";
  Fd named(mkostemp(path.data(), O_CLOEXEC));
  if (named) unlink(path.c_str());
  return named;
}

bool write_at(int file, std::string_view bytes, uint64_t offset) {
  while (!bytes.empty()) {
    const ssize_t written =
        pwrite(file, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (written <= 0) return false;
    bytes.remove_prefix(static_cast<size_t>(written));
    offset += static_cast<uint64_t>(written);
  }
  return true;
}

}  // namespace

Spool::Spool(Limits limits, std::string directory)
    : limits_(limits), directory_(std::move(directory)) {}

void Spool::put(std::string_view bytes) {
  const bool fits = bytes.size() <= limits_.memory_bytes &&
                    memory_.size() <= limits_.memory_bytes - bytes.size();
  if (file_size_ == 0 && fits)
    memory_.append(bytes);
  else if (!put_in_file(bytes))
    dropped_ += bytes.size();
}

std::string Spool::take(size_t most) {
  if (memory_.empty()) return take_from_file(most);
  std::string front(memory_.view().substr(0, most));
  memory_.consume(front.size());
  return front;
}

void Spool::open_file() {
  file_tried_ = true;
  file_ = open_unnamed(directory_);
  struct statvfs space;
  if (!file_ || fstatvfs(file_.get(), &space) != 0) return;
  const uint64_t free = uint64_t{space.f_bavail} * space.f_frsize;
  file_limit_ = std::min(limits_.file_bytes, free / 10);
}

bool Spool::put_in_file(std::string_view bytes) {
  if (!file_tried_) open_file();
  if (bytes.size() > file_limit_ || file_size_ > file_limit_ - bytes.size())
    return false;
  const uint64_t offset = (file_begin_ + file_size_) % file_limit_;
  const size_t first = std::min<uint64_t>(bytes.size(), file_limit_ - offset);
  if (!write_at(file_.get(), bytes.substr(0, first), offset) ||
      !write_at(file_.get(), bytes.substr(first), 0))
    return false;  // the disk is full; what is half written does not count
  file_size_ += bytes.size();
  return true;
}

std::string Spool::take_from_file(size_t most) {
  const uint64_t wanted =
      std::min({uint64_t{most}, file_size_, file_limit_ - file_begin_});
  std::string bytes(wanted, '\0');
  if (wanted == 0) return bytes;
  const ssize_t got =
      pread(file_.get(), bytes.data(), wanted, static_cast<off_t>(file_begin_));
  if (got <= 0) {
    dropped_ += std::exchange(file_size_, 0);
    return {};
  }
  bytes.resize(static_cast<size_t>(got));
  file_begin_ = (file_begin_ + bytes.size()) % file_limit_;
  file_size_ -= bytes.size();
  if (file_size_ == 0) {
    file_begin_ = 0;
    // Gives the space back; if it cannot, the ring is used again as it is.
    [[maybe_unused]] const int ignored = ftruncate(file_.get(), 0);
  }
  return bytes;
}

std::string temporary_directory() {
  const char* directory = std::getenv("TMPDIR");
  return directory && *directory ? directory : "/tmp";
}

}  // namespace molotov::cli
