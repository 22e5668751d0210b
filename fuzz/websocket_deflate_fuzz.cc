// Messages of permessage-deflate: what was deflated is inflated to the same,
// and what never was is refused, or stays within its bound.
//
// Input: one byte of options, then lengths and messages in turn, a byte and as
// many.
#include <algorithm>
#include <string>

#include "base/check.h"
#include "http/websocket_deflate.h"

namespace molotov::http {
namespace {

using Outcome = MessageInflater::Outcome;

constexpr uint64_t kMessageBytesMax = 1 << 16;
// What inflating may add before it looks at the bound.
constexpr uint64_t kStepBytesMax = 1 << 20;

struct Options {
  int window_bits;
  bool keeps_context;
};

Options take_options(std::string_view& input) {
  const auto flags = static_cast<uint8_t>(input[0]);
  input.remove_prefix(1);
  return {kWindowBitsMin + flags % 7, (flags & 0x80) != 0};
}

std::string_view take_message(std::string_view& input) {
  const size_t bytes = static_cast<uint8_t>(input[0]);
  input.remove_prefix(1);
  const std::string_view message = input.substr(0, bytes);
  input.remove_prefix(message.size());
  return message;
}

void check_round_trip(Options options, std::string_view input) {
  MessageDeflater deflater(options.window_bits, options.keeps_context);
  MessageInflater inflater(options.keeps_context);
  while (!input.empty()) {
    const std::string_view message = take_message(input);
    std::string deflated;
    CHECK(deflater.deflate(message, deflated));
    Buffer inflated;
    CHECK(inflater.inflate(deflated, 0, inflated) == Outcome::ok);
    CHECK(inflated.view() == message);
  }
}

void check_foreign(Options options, std::string_view input) {
  MessageInflater inflater(options.keeps_context);
  while (!input.empty()) {
    const std::string_view message = take_message(input);
    Buffer inflated;
    const Outcome outcome =
        inflater.inflate(message, kMessageBytesMax, inflated);
    CHECK(inflated.size() <= kMessageBytesMax + kStepBytesMax);
    CHECK((outcome == Outcome::too_big) ==
          (inflated.size() > kMessageBytesMax));
    if (outcome == Outcome::bad) CHECK(!inflater.problem().empty());
    if (outcome != Outcome::ok) return;
  }
}

void run(std::string_view input) {
  if (input.empty() || input.size() > 1 << 14) return;
  const Options options = take_options(input);
  check_round_trip(options, input);
  check_foreign(options, input);
}

}  // namespace
}  // namespace molotov::http

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  molotov::http::run({reinterpret_cast<const char*>(data), size});
  return 0;
}
