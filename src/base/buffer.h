// A queue of bytes in one piece of memory: appended at the back, consumed at
// the front. When it runs empty it gives its memory back, but for a little.
#pragma once

#include <cstddef>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>

namespace molotov {

class Buffer {
 public:
  Buffer() = default;
  Buffer(Buffer&& other) noexcept { swap(other); }
  Buffer& operator=(Buffer&& other) noexcept {
    swap(other);
    return *this;
  }

  size_t size() const { return end_ - begin_; }
  bool empty() const { return begin_ == end_; }

  // What is in it. Valid until the next call that is not const.
  std::string_view view() const { return {bytes_.get() + begin_, size()}; }

  // The same, to be changed in place.
  std::span<char> span() { return {bytes_.get() + begin_, size()}; }

  void append(std::string_view bytes) {
    if (bytes.empty()) return;
    std::memcpy(prepare(bytes.size()).data(), bytes.data(), bytes.size());
    commit(bytes.size());
  }

  // Room of at least `bytes` behind the content, to be filled and commit()ed.
  std::span<char> prepare(size_t bytes);
  void commit(size_t bytes) { end_ += bytes; }

  // Drops the first `bytes`. REQUIRES: bytes <= size().
  void consume(size_t bytes);

  // Empties it and frees its memory.
  void reset() { Buffer().swap(*this); }
  // Empties it; keeps memory of up to kKeptBytes for what comes next.
  void clear() {
    begin_ = end_ = 0;
    if (capacity_ > kKeptBytes) reset();
  }
  static constexpr size_t kKeptBytes = 4096;

  void swap(Buffer& other) noexcept {
    std::swap(bytes_, other.bytes_);
    std::swap(capacity_, other.capacity_);
    std::swap(begin_, other.begin_);
    std::swap(end_, other.end_);
  }

 private:
  std::unique_ptr<char[]> bytes_;
  size_t capacity_ = 0;
  size_t begin_ = 0;
  size_t end_ = 0;
};

}  // namespace molotov
