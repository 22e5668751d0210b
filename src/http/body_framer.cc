#include "http/body_framer.h"

#include <fmt/format.h>

#include <cstring>
#include <string_view>

namespace molotov::http {

namespace {

constexpr std::string_view kChunkEnd = "\r\n";
// Of the line before a chunk, which has its size in hexadecimal digits.
constexpr size_t kChunkLineBytes = 2 * sizeof(size_t) + kChunkEnd.size();

}  // namespace

// A chunk is filled behind a gap for its line, so that it is not copied.
Result<bool> BodyFramer::fill(Buffer& out) {
  const bool chunked = !source_->size();
  if (chunked) {
    out.prepare(kChunkLineBytes);
    out.commit(kChunkLineBytes);
  }
  const size_t before = out.size();
  const auto next = source_->fill(out);
  const size_t more = out.size() - before;
  if (chunked) close_gap(more, out);
  if (!next) return std::unexpected(next.error());
  filled_bytes_ += more;
  const bool ended = *next == BodySource::Next::end;
  if (auto fits = check_size(ended); !fits)
    return std::unexpected(fits.error());

  if (chunked && ended) out.append("0\r\n\r\n");
  if (ended) source_ = nullptr;
  return more > 0 || ended;
}

// Makes a chunk of the last bytes of `out`, before which the gap is; of none
// just closes it. What lies before the gap moves up to it.
void BodyFramer::close_gap(size_t piece_bytes, Buffer& out) {
  char line[kChunkLineBytes];
  size_t line_bytes = 0;
  if (piece_bytes > 0) {
    const auto end = fmt::format_to(line, "{:x}{}", piece_bytes, kChunkEnd);
    line_bytes = static_cast<size_t>(end - line);
  }
  const size_t before = out.size() - piece_bytes - kChunkLineBytes;
  const size_t spare = kChunkLineBytes - line_bytes;
  char* const begin = out.span().data();
  std::memmove(begin + spare, begin, before);
  std::memcpy(begin + spare + before, line, line_bytes);
  out.consume(spare);
  if (piece_bytes > 0) out.append(kChunkEnd);
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
