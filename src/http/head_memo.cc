#include "http/head_memo.h"

#include <utility>

#include "base/check.h"

namespace molotov::http {

namespace {

// Longer ones are not worth the copy.
constexpr size_t kKnownBytesMost = 1024;

}  // namespace

bool HeadMemo::is_known(std::string_view bytes, bool method_is_head) const {
  return !known_bytes_.empty() && known_method_is_head_ == method_is_head &&
         bytes.starts_with(known_bytes_);
}

Result<size_t> HeadMemo::parse(std::string_view bytes, bool method_is_head,
                               const HeadLimits& limits) {
  const bool usual = &limits == &kDefaultHeadLimits;
  if (usual && is_known(bytes, method_is_head)) {
    if (!std::exchange(known_is_parsed_, true)) {
      const auto again =
          parse_response_head(known_bytes_, method_is_head, limits, known_);
      CHECK(again && *again == known_bytes_.size());
    }
    head_ = &known_;
    return known_bytes_.size();
  }
  auto parsed = parse_response_head(bytes, method_is_head, limits, fresh_);
  if (!parsed || *parsed == 0) return parsed;
  head_ = &fresh_;
  known_bytes_.clear();
  if (usual && *parsed <= kKnownBytesMost)
    known_bytes_ = bytes.substr(0, *parsed);
  known_method_is_head_ = method_is_head;
  known_is_parsed_ = false;
  return parsed;
}

}  // namespace molotov::http
