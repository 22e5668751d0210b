#include "base/buffer.h"

#include <algorithm>

#include "base/check.h"

namespace molotov {

namespace {
constexpr size_t kLeastBytes = 256;
}

std::span<char> Buffer::prepare(size_t bytes) {
  if (capacity_ - end_ < bytes) {
    const size_t held = size();
    const size_t wanted = std::max({held + bytes, 2 * held, kLeastBytes});
    if (wanted <= capacity_ && begin_ >= held) {
      std::memcpy(bytes_.get(), bytes_.get() + begin_, held);
    } else {
      auto bigger = std::make_unique_for_overwrite<char[]>(wanted);
      if (held) std::memcpy(bigger.get(), bytes_.get() + begin_, held);
      bytes_ = std::move(bigger);
      capacity_ = wanted;
    }
    begin_ = 0;
    end_ = held;
  }
  return {bytes_.get() + end_, capacity_ - end_};
}

void Buffer::consume(size_t bytes) {
  CHECK(bytes <= size());
  begin_ += bytes;
  if (begin_ == end_) clear();
}

}  // namespace molotov
