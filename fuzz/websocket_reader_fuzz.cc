// A WebSocket's bytes, whole and in pieces: both must be read as the same
// messages, and end in the same failure.
//
// Input: one byte of options, one that sets the size of the pieces, then the
// bytes.
#include <algorithm>
#include <span>
#include <string>

#include "base/check.h"
#include "http/utf8.h"
#include "http/websocket_reader.h"

namespace molotov::http {
namespace {

constexpr uint64_t kMessageBytesMax = 1 << 16;

void append(std::string& events, const WebSocketMessage& message) {
  if (message.opcode == Opcode::text || message.opcode == Opcode::close)
    CHECK(is_utf8(message.payload));
  CHECK(message.payload.size() <= kMessageBytesMax);
  events += static_cast<char>(message.opcode);
  events += std::to_string(message.close_code);
  events += message.payload;
  events += '|';
}

std::string read(const WebSocketReaderOptions& options, std::string bytes,
                 size_t piece_bytes) {
  WebSocketReader reader(options);
  std::string events;
  std::span<char> left(bytes);
  while (!left.empty()) {
    std::span<char> piece = left.first(std::min(piece_bytes, left.size()));
    left = left.subspan(piece.size());
    for (;;) {
      WebSocketMessage message;
      const size_t had = piece.size();
      const auto status = reader.read(piece, message);
      CHECK(piece.size() <= had);
      if (status == WebSocketReader::Status::failed)
        return events + reader.failure().what;
      if (status == WebSocketReader::Status::needs_more) break;
      append(events, message);
    }
    CHECK(piece.empty());
  }
  return events;
}

void run(std::string_view input) {
  if (input.size() < 2 || input.size() > 1 << 14) return;
  const auto flags = static_cast<uint8_t>(input[0]);
  const WebSocketReaderOptions options{.requires_mask = (flags & 1) != 0,
                                       .inflates = (flags & 2) != 0,
                                       .keeps_context = (flags & 4) != 0,
                                       .message_bytes_max = kMessageBytesMax};
  const size_t piece_bytes = 1 + static_cast<uint8_t>(input[1]) % 32;
  const std::string bytes(input.substr(2));
  CHECK(read(options, bytes, bytes.size() + 1) ==
        read(options, bytes, piece_bytes));
}

}  // namespace
}  // namespace molotov::http

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  molotov::http::run({reinterpret_cast<const char*>(data), size});
  return 0;
}
