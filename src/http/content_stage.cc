#include "http/content_stage.h"

#include <brotli/decode.h>
#include <fmt/format.h>
#include <zstd.h>

#include <cstdint>

namespace molotov::http {

namespace {

Error ends_too_early(const char* coding, uint64_t bytes) {
  return {ErrorCode::http_content_coding, 0,
          fmt::format("{} body ends too early, after {} bytes", coding, bytes)};
}

class BrotliStage final : public ContentStage {
 public:
  BrotliStage()
      : decoder_(BrotliDecoderCreateInstance(nullptr, nullptr, nullptr)) {}
  BrotliStage(const BrotliStage&) = delete;
  ~BrotliStage() override { BrotliDecoderDestroyInstance(decoder_); }

  Result<ContentStep> decode(std::string_view in,
                             std::span<char> out) override {
    if (!decoder_) return fail(ErrorCode::limit, "no memory for brotli");
    // What follows the end is ignored, as with deflate.
    if (BrotliDecoderIsFinished(decoder_)) return ContentStep{in.size(), 0};
    size_t in_left = in.size(), out_left = out.size();
    auto* next_in = reinterpret_cast<const uint8_t*>(in.data());
    auto* next_out = reinterpret_cast<uint8_t*>(out.data());
    const BrotliDecoderResult result = BrotliDecoderDecompressStream(
        decoder_, &in_left, &next_in, &out_left, &next_out, nullptr);
    if (result == BROTLI_DECODER_RESULT_ERROR)
      return fail(ErrorCode::http_content_coding,
                  fmt::format("bad br body: {}",
                              BrotliDecoderErrorString(
                                  BrotliDecoderGetErrorCode(decoder_))));
    const ContentStep step{in.size() - in_left, out.size() - out_left};
    in_bytes_ += step.consumed;
    return step;
  }

  Result<> finish() const override {
    if (in_bytes_ == 0 || BrotliDecoderIsFinished(decoder_)) return {};
    return std::unexpected(ends_too_early("br", in_bytes_));
  }

 private:
  BrotliDecoderState* const decoder_;
  uint64_t in_bytes_ = 0;
};

// Whether a frame of zstd begins so, or a skippable one (RFC 8878 section 3.1).
// The library would read formats from before the standard as well, which differ
// in this byte.
bool begins_zstd_frame(char first) {
  return first == '\x28' || (first & 0xf0) == 0x50;
}

// A body may have several frames.
class ZstdStage final : public ContentStage {
 public:
  ZstdStage() : decoder_(ZSTD_createDStream()) {
    constexpr int kWindowLogMost = 23;
    if (decoder_)
      ZSTD_DCtx_setParameter(decoder_, ZSTD_d_windowLogMax, kWindowLogMost);
  }
  ZstdStage(const ZstdStage&) = delete;
  ~ZstdStage() override { ZSTD_freeDStream(decoder_); }

  Result<ContentStep> decode(std::string_view in,
                             std::span<char> out) override {
    if (!decoder_) return fail(ErrorCode::limit, "no memory for zstd");
    // Without input it would begin another frame.
    if (in.empty() && frame_ended_) return ContentStep{};
    if (frame_ended_ && !begins_zstd_frame(in.front()))
      return fail(ErrorCode::http_content_coding,
                  "bad zstd body: no frame begins so");
    ZSTD_inBuffer from{in.data(), in.size(), 0};
    ZSTD_outBuffer to{out.data(), out.size(), 0};
    const size_t left = ZSTD_decompressStream(decoder_, &to, &from);
    if (ZSTD_isError(left))
      return fail(ErrorCode::http_content_coding,
                  fmt::format("bad zstd body: {}", ZSTD_getErrorName(left)));
    frame_ended_ = left == 0;
    in_bytes_ += from.pos;
    return ContentStep{from.pos, to.pos};
  }

  Result<> finish() const override {
    if (frame_ended_) return {};
    return std::unexpected(ends_too_early("zstd", in_bytes_));
  }

 private:
  ZSTD_DStream* const decoder_;
  bool frame_ended_ = true;  // or none has begun
  uint64_t in_bytes_ = 0;
};

}  // namespace

std::unique_ptr<ContentStage> make_brotli_stage() {
  return std::make_unique<BrotliStage>();
}

std::unique_ptr<ContentStage> make_zstd_stage() {
  return std::make_unique<ZstdStage>();
}

}  // namespace molotov::http
