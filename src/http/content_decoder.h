// Takes the content codings off a body, piece by piece: gzip, deflate, br and
// zstd, one or several ("gzip, deflate" as applied, undone from the last).
//
// A body in any other coding is passed on as it is: create() gives no decoder
// for it. What the client asks for is said in molotov/client/codings.py.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "base/buffer.h"
#include "base/error.h"
#include "http/content_stage.h"

namespace molotov::http {

// The libraries' memory is taken with the first byte of the body, freed with
// the decoder.
class ContentDecoder {
 public:
  // For a Content-Encoding; nullptr where nothing is to be or can be decoded:
  // none, identity, a coding that we do not know, more than two codings.
  static std::unique_ptr<ContentDecoder> create(
      std::string_view content_encoding);
  ~ContentDecoder();

  using Step = ContentStep;

  // One step, bounded by `out`: no input makes it allocate more than the
  // window of its coding (see content_stage.h). Call again, with what was not
  // consumed, while it fills `out`. REQUIRES: !out.empty(). Fails with
  // http_content_coding.
  //
  // Gzip may have several members; what follows the end of the compressed data
  // otherwise is ignored, as browsers do. Deflate may lack zlib's wrapping.
  Result<Step> decode(std::string_view in, std::span<char> out);

  // All of `in`, appended to `out`. Fails with http_too_large where that is
  // kDecodedBytesMax or more in one call: a bomb, which pieces of up to 64 KiB
  // in gzip or deflate alone cannot be.
  Result<> decode(std::string_view in, Buffer& out);
  static constexpr size_t kDecodedBytesMax = size_t{128} << 20;

  // The body has ended: http_content_coding where the compressed data has not.
  // A body of no bytes is fine.
  Result<> finish() const;

 private:
  struct Link;

  ContentDecoder() = default;
  Result<size_t> pull(size_t stage, std::string_view& in, std::span<char> out);

  std::vector<Link> links_;  // the first takes the input
};

}  // namespace molotov::http
