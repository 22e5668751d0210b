// Takes the messages of a WebSocket out of their frames (RFC 6455 section 5,
// RFC 7692). A function of bytes: no I/O.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/buffer.h"
#include "http/websocket_deflate.h"
#include "http/websocket_frame.h"

namespace molotov::http {

// A whole message, or a control frame. Its views are valid until the reader or
// the bytes that it was given are touched again.
struct WebSocketMessage {
  Opcode opcode = Opcode::binary;
  std::string_view payload;  // of a close frame: the reason
  uint16_t close_code = 0;   // of a close frame; 0: it has none
};

// Why nothing more can be read.
struct WebSocketFailure {
  // What the peer is to be told; 0 where the compressed data is no such.
  uint16_t close_code = 0;
  std::string what;
};

struct WebSocketReaderOptions {
  bool requires_mask = false;  // a server's: clients must mask
  bool inflates = false;       // RSV1 may be set
  bool keeps_context = true;   // of the peer's compression
  bool checks_text = true;     // that text is UTF-8
  // A message is smaller than that where it is not compressed, and at most as
  // large where it is. 0: no bound.
  uint64_t message_bytes_max = 0;
};

class WebSocketReader {
 public:
  explicit WebSocketReader(const WebSocketReaderOptions& options);

  enum class Status : uint8_t { needs_more, message, failed };

  // Takes bytes off the front of `bytes` until a message is there or they are
  // used up. Unmasks them in place. Once failed, it stays so.
  Status read(std::span<char>& bytes, WebSocketMessage& message);

  // Frees what the last message's views are into.
  void drop_delivered();

  bool has_failed() const { return state_ == State::failed; }
  const WebSocketFailure& failure() const { return failure_; }

 private:
  enum class State : uint8_t { head, payload, failed };

  bool take_head(std::span<char>& bytes);
  bool check_head();
  bool check_size();
  bool take_payload(std::span<char>& bytes, WebSocketMessage& message,
                    bool& complete);
  bool finish_control(std::string_view payload, WebSocketMessage& message);
  bool finish_data(std::string_view payload, WebSocketMessage& message);
  bool finish_close(std::string_view payload, WebSocketMessage& message);
  bool inflate(std::string_view& payload);
  bool fail(uint16_t code, std::string what);

  size_t head_size() const;
  bool is_masked() const { return head_[1] & 0x80; }
  Opcode opcode() const { return static_cast<Opcode>(head_[0] & 0xf); }

  WebSocketReaderOptions options_;
  State state_ = State::head;
  bool in_message_ = false;  // fragments came, not yet the last
  bool compressed_ = false;  // that message
  bool delivered_ = false;   // what the buffers hold
  bool data_fin_ = false;    // of the last frame of data
  Opcode message_opcode_ = Opcode::binary;
  uint8_t head_bytes_ = 0;
  uint8_t control_bytes_ = 0;
  std::array<uint8_t, kFrameHeadMax> head_{};  // of this frame
  std::array<char, kControlPayloadMax> control_;
  MaskKey key_{};
  uint64_t frame_bytes_ = 0;  // of this frame's payload, all
  uint64_t left_bytes_ = 0;   // and those not read yet
  Buffer message_;            // what came of a message
  Buffer inflated_;
  MessageInflater inflater_;
  WebSocketFailure failure_;
};

}  // namespace molotov::http
