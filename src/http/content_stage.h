// One content coding taken off a body, piece by piece: what ContentDecoder is
// made of.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>

#include "base/error.h"

namespace molotov::http {

struct ContentStep {
  size_t consumed = 0;  // of the input
  size_t produced = 0;  // bytes of the output
};

class ContentStage {
 public:
  virtual ~ContentStage() = default;
  // One step, bounded by `out`. Fails with http_content_coding.
  virtual Result<ContentStep> decode(std::string_view in,
                                     std::span<char> out) = 0;
  // The input has ended: fails where the compressed data has not.
  virtual Result<> finish() const = 0;
};

// br (RFC 7932). Its window takes up to 16 MiB, as the body says.
std::unique_ptr<ContentStage> make_brotli_stage();
// zstd (RFC 8878). Windows over 8 MiB are refused (RFC 9659).
std::unique_ptr<ContentStage> make_zstd_stage();

}  // namespace molotov::http
