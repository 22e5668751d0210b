#include "http/body_framer.h"

#include <fmt/format.h>

#include <string_view>

namespace molotov::http {

Result<bool> BodyFramer::fill(Buffer& out) {
  const bool chunked = !source_->size();
  Buffer& into = chunked ? piece_ : out;
  const size_t before = into.size();
  const auto next = source_->fill(into);
  if (!next) return std::unexpected(next.error());
  const size_t more = into.size() - before;
  filled_bytes_ += more;
  const bool ended = *next == BodySource::Next::end;
  if (auto fits = check_size(ended); !fits)
    return std::unexpected(fits.error());

  if (chunked && more > 0) append_chunk(piece_.view(), out);
  if (chunked && ended) out.append("0\r\n\r\n");
  piece_.clear();
  if (ended) source_ = nullptr;
  return more > 0 || ended;
}

void BodyFramer::append_chunk(std::string_view piece, Buffer& out) {
  char size[20];
  const auto end = fmt::format_to(size, "{:x}\r\n", piece.size());
  out.append({size, static_cast<size_t>(end - size)});
  out.append(piece);
  out.append("\r\n");
}

Result<> BodyFramer::check_size(bool ended) const {
  const auto size = source_->size();
  if (!size || (ended ? filled_bytes_ == *size : filled_bytes_ <= *size))
    return {};
  return molotov::fail(
      ErrorCode::invalid_argument,
      fmt::format("the request's body has {} {} bytes, and was to have {}",
                  ended ? "ended after" : "already", filled_bytes_, *size));
}

}  // namespace molotov::http
