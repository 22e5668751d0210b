// A coded body, whole and in pieces: both must decode to the same.
//
// Input: one byte that picks the coding, one that sets the sizes of the pieces,
// then the body.
#include <array>
#include <string>
#include <vector>

#include "base/check.h"
#include "http/content_decoder.h"

namespace molotov::http {
namespace {

constexpr size_t kOutputBytesMax = 1 << 18;

struct Outcome {
  std::string text;
  bool too_long = false;
  bool ok = false;
};

Outcome decode(std::string_view coding, std::string_view bytes, size_t in_bytes,
               size_t out_bytes) {
  const auto decoder = ContentDecoder::create(coding);
  CHECK(decoder != nullptr);
  Outcome outcome;
  std::vector<char> room(out_bytes);
  while (!bytes.empty()) {
    std::string_view piece = bytes.substr(0, in_bytes);
    bytes.remove_prefix(piece.size());
    for (;;) {
      const auto step = decoder->decode(piece, room);
      if (!step) {
        CHECK(step.error().code == ErrorCode::http_content_coding);
        return outcome;
      }
      CHECK(step->consumed <= piece.size() && step->produced <= room.size());
      piece.remove_prefix(step->consumed);
      outcome.text.append(room.data(), step->produced);
      outcome.too_long = outcome.text.size() > kOutputBytesMax;
      if (outcome.too_long) return outcome;
      if (step->produced < room.size()) break;
    }
    CHECK(piece.empty());
  }
  outcome.ok = decoder->finish().has_value();
  return outcome;
}

void run(std::string_view input) {
  static constexpr std::array<std::string_view, 8> kCodings = {
      "gzip",       "deflate", "deflate, gzip", "gzip, deflate",
      "gzip, gzip", "br",      "zstd",          "zstd, br"};
  if (input.size() < 2 || input.size() > 1 << 16) return;
  const auto coding =
      kCodings[static_cast<uint8_t>(input[0]) % kCodings.size()];
  const size_t sizes = static_cast<uint8_t>(input[1]);
  const std::string_view bytes = input.substr(2);

  const Outcome whole = decode(coding, bytes, bytes.size(), 1 << 16);
  const Outcome pieces =
      decode(coding, bytes, 1 + sizes % 16, 1 + (sizes / 16) * 7);
  if (whole.too_long || pieces.too_long) return;
  CHECK(whole.ok == pieces.ok);
  if (whole.ok) CHECK(whole.text == pieces.text);
}

}  // namespace
}  // namespace molotov::http

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  molotov::http::run({reinterpret_cast<const char*>(data), size});
  return 0;
}
