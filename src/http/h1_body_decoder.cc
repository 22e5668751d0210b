#include <fmt/format.h>

#include <algorithm>

#include "http/h1_parser.h"
#include "http/syntax.h"

namespace molotov::http {

namespace {

constexpr uint32_t kChunkLineBytesMax = 8190;  // size and extensions
constexpr uint32_t kTrailerBytesMax = 65536;   // all of the trailer fields
constexpr int kSizeDigitsMax = 16;             // 64 bits

}  // namespace

BodyDecoder::BodyDecoder(const MessageInfo& info) {
  switch (info.framing) {
    case Framing::none:
      break;
    case Framing::content_length:
      remaining_ = info.content_length;
      if (remaining_) state_ = State::length;
      break;
    case Framing::chunked:
      state_ = State::chunk_size;
      break;
    case Framing::until_close:
      state_ = State::until_close;
      break;
  }
}

// One byte of chunk framing. False: wrong, or over a limit where *what is
// nullptr.
bool BodyDecoder::take_framing(char c, const char** what) {
  *what = nullptr;
  switch (state_) {
    case State::chunk_size:
      if (is_char(c, kHexChar)) return take_size_digit(c, what);
      *what = "bad chunk size";
      if (digits_ == 0) return false;
      state_ = State::chunk_extension;
      if (c != '\r' && c != ';' && c != ' ' && c != '\t') return false;
      [[fallthrough]];
    case State::chunk_extension:
      if (c == '\r') {
        state_ = State::chunk_line_lf;
        return true;
      }
      *what = "bad chunk extension";
      if (!is_char(c, kTextChar)) return false;
      *what = nullptr;
      return ++line_bytes_ <= kChunkLineBytesMax;
    case State::chunk_line_lf:
      state_ = remaining_ ? State::chunk_data : State::trailer;
      line_bytes_ = 0;
      digits_ = 0;
      *what = "chunk size without CRLF";
      return c == '\n';
    case State::chunk_data_cr:
      state_ = State::chunk_data_lf;
      *what = "chunk longer than its size";
      return c == '\r';
    case State::chunk_data_lf:
      state_ = State::chunk_size;
      *what = "chunk without CRLF";
      return c == '\n';
    case State::trailer:
      if (c == '\r') {
        state_ = State::trailer_end_lf;
        return true;
      }
      state_ = State::trailer_line;
      [[fallthrough]];
    case State::trailer_line:
      if (c == '\r') {
        state_ = State::trailer_line_lf;
        return true;
      }
      *what = "bad trailer field";
      if (!is_char(c, kTextChar)) return false;
      *what = nullptr;
      return ++line_bytes_ <= kTrailerBytesMax;
    case State::trailer_line_lf:
      state_ = State::trailer;
      *what = "trailer field without CRLF";
      return c == '\n';
    case State::trailer_end_lf:
      state_ = State::done;
      *what = "trailer without CRLF";
      return c == '\n';
    default:
      return false;  // not framing
  }
}

bool BodyDecoder::take_size_digit(char c, const char** what) {
  *what = "chunk size over 64 bits";
  if (++digits_ > kSizeDigitsMax) return false;
  remaining_ = remaining_ * 16 + hex_value(c);
  return true;
}

Error BodyDecoder::malformed(const char* what, std::string_view at) const {
  if (!what) {
    return {ErrorCode::http_too_large, 0,
            fmt::format("chunk line or trailer too long after {} body bytes",
                        received_)};
  }
  return {ErrorCode::http_malformed, 0,
          fmt::format("{} after {} body bytes, at {}", what, received_,
                      excerpt(at))};
}

Result<BodyDecoder::Step> BodyDecoder::decode(std::string_view bytes) {
  Step step;
  while (step.consumed < bytes.size() && state_ != State::done) {
    const bool in_data = state_ == State::length ||
                         state_ == State::until_close ||
                         state_ == State::chunk_data;
    if (!in_data) {
      const char* what = nullptr;
      if (!take_framing(bytes[step.consumed], &what)) {
        return std::unexpected(malformed(what, bytes.substr(step.consumed)));
      }
      ++step.consumed;
      continue;
    }
    if (!step.body.empty()) break;  // the next piece is the next step's
    step.body = bytes.substr(step.consumed);
    if (state_ != State::until_close) {
      step.body = step.body.substr(0, remaining_);
      remaining_ -= step.body.size();
      if (remaining_ == 0) {
        step.ends_chunk = state_ == State::chunk_data;
        state_ = state_ == State::length ? State::done : State::chunk_data_cr;
      }
    }
    step.consumed += step.body.size();
    received_ += step.body.size();
  }
  return step;
}

Result<> BodyDecoder::finish() const {
  switch (state_) {
    case State::done:
    case State::until_close:
      return {};
    case State::length:
      return fail(ErrorCode::http_truncated,
                  fmt::format("Not enough data to satisfy content length "
                              "header (received {} of {} bytes).",
                              received_, received_ + remaining_));
    default:
      return fail(ErrorCode::http_truncated,
                  "Not enough data to satisfy transfer length header.");
  }
}

}  // namespace molotov::http
