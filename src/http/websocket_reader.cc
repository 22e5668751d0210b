#include "http/websocket_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "http/utf8.h"

namespace molotov::http {

namespace {

constexpr uint64_t kFrameBytesMax = INT64_MAX;

bool is_known(uint8_t opcode) {
  return opcode <= 0x2 || (opcode >= 0x8 && opcode <= 0xa);
}

// Those that a peer may send below the range of libraries and applications (RFC
// 6455 section 7.4). 1006 is none of them, but common enough to be taken.
bool is_close_code(uint16_t code) {
  return code >= 3000 || (code >= 1000 && code <= 1003) ||
         (code >= 1006 && code <= 1014);
}

// Printable as Python's repr() shows bytes.
std::string byte_repr(char byte) {
  const auto value = static_cast<uint8_t>(byte);
  if (byte == '\\') return R"(b'\\')";
  if (byte == '\'') return R"(b"'")";
  if (byte == '\t') return R"(b'\t')";
  if (byte == '\n') return R"(b'\n')";
  if (byte == '\r') return R"(b'\r')";
  if (value >= 0x20 && value < 0x7f) return fmt::format("b'{}'", byte);
  return fmt::format(R"(b'\x{:02x}')", value);
}

}  // namespace

WebSocketReader::WebSocketReader(const WebSocketReaderOptions& options)
    : options_(options), inflater_(options.keeps_context) {}

bool WebSocketReader::fail(uint16_t code, std::string what) {
  state_ = State::failed;
  failure_ = {code, std::move(what)};
  message_.reset();
  inflated_.reset();
  return false;
}

// What was delivered from a buffer is not needed any more.
void WebSocketReader::drop_delivered() {
  if (!std::exchange(delivered_, false)) return;
  inflated_.reset();
  if (!in_message_) message_.reset();
}

WebSocketReader::Status WebSocketReader::read(std::span<char>& bytes,
                                              WebSocketMessage& message) {
  drop_delivered();
  for (;;) {
    if (state_ == State::failed) return Status::failed;
    if (state_ == State::head && !take_head(bytes))
      return state_ == State::failed ? Status::failed : Status::needs_more;
    bool complete = false;
    if (!take_payload(bytes, message, complete)) return Status::failed;
    if (complete) return Status::message;
    if (state_ == State::payload) return Status::needs_more;
  }
}

size_t WebSocketReader::head_size() const {
  const unsigned length = head_[1] & 0x7f;
  const size_t extended = length == 126 ? 2 : length == 127 ? 8 : 0;
  return 2 + extended + (is_masked() ? 4 : 0);
}

// False when more is needed, or it failed.
bool WebSocketReader::take_head(std::span<char>& bytes) {
  for (;;) {
    const size_t wanted = head_bytes_ < 2 ? 2 : head_size();
    const size_t taken = std::min(wanted - head_bytes_, bytes.size());
    if (taken) std::memcpy(head_.data() + head_bytes_, bytes.data(), taken);
    head_bytes_ = static_cast<uint8_t>(head_bytes_ + taken);
    bytes = bytes.subspan(taken);
    if (head_bytes_ < wanted) return false;
    // Wrong first bytes are told of before the rest of the head is there.
    if (wanted == 2 && !check_head()) return false;
    if (head_bytes_ == head_size()) break;
  }
  const unsigned flag = head_[1] & 0x7f;
  const size_t extended = flag == 126 ? 2 : flag == 127 ? 8 : 0;
  uint64_t length = extended ? 0 : flag;
  for (size_t i = 0; i < extended; i++) length = length << 8 | head_[2 + i];
  frame_bytes_ = left_bytes_ = length;
  if (!check_size()) return false;
  if (is_masked()) std::memcpy(key_.data(), head_.data() + 2 + extended, 4);
  head_bytes_ = 0;
  control_bytes_ = 0;
  state_ = State::payload;
  return true;
}

bool WebSocketReader::check_head() {
  const bool fin = head_[0] & 0x80;
  const bool rsv1 = head_[0] & 0x40;
  const uint8_t code = head_[0] & 0xf;
  if ((head_[0] & 0x30) || (rsv1 && !options_.inflates))
    return fail(kCloseProtocolError,
                "Received frame with non-zero reserved bits");
  if (!is_known(code))
    return fail(kCloseProtocolError, fmt::format("Unexpected opcode={}", code));
  const bool control = is_control(opcode());
  if (control && !fin)
    return fail(kCloseProtocolError, "Received fragmented control frame");
  if (control && (head_[1] & 0x7f) > kControlPayloadMax)
    return fail(kCloseProtocolError,
                "Control frame payload cannot be larger than 125 bytes");
  if (options_.requires_mask && !is_masked())
    return fail(kCloseProtocolError, "Received frame without a mask");
  if (control) return true;
  data_fin_ = fin;
  // RSV1 is of the first frame of a message (RFC 7692 section 6).
  if (in_message_ && rsv1)
    return fail(kCloseProtocolError,
                "Received frame with non-zero reserved bits");
  if (in_message_ && code != 0)
    return fail(
        kCloseProtocolError,
        fmt::format(
            "The opcode in non-fin frame is expected to be zero, got {}",
            code));
  if (!in_message_ && code == 0)
    return fail(kCloseProtocolError,
                "Continuation frame for non started message");
  return true;
}

bool WebSocketReader::check_size() {
  const uint64_t bound = options_.message_bytes_max;
  const uint64_t had = message_.size();
  const bool bounded = bound && !is_control(opcode());
  if (frame_bytes_ <= kFrameBytesMax &&
      !(bounded && frame_bytes_ + had >= bound))
    return true;
  return fail(kCloseTooBig,
              fmt::format("Message size {} exceeds limit {}",
                          frame_bytes_ + had, bound ? bound : kFrameBytesMax));
}

// Takes what is there of the frame's payload; `complete` when a message is.
bool WebSocketReader::take_payload(std::span<char>& bytes,
                                   WebSocketMessage& message, bool& complete) {
  const auto taken =
      static_cast<size_t>(std::min<uint64_t>(left_bytes_, bytes.size()));
  const std::span<char> piece = bytes.first(taken);
  bytes = bytes.subspan(taken);
  if (is_masked())
    apply_mask(piece, key_, static_cast<size_t>(frame_bytes_ - left_bytes_));
  left_bytes_ -= taken;
  const std::string_view text(piece.data(), piece.size());

  if (is_control(opcode())) {
    const bool whole = taken == frame_bytes_;
    if (!whole) {
      if (taken)
        std::memcpy(control_.data() + control_bytes_, text.data(), taken);
      control_bytes_ = static_cast<uint8_t>(control_bytes_ + taken);
    }
    if (left_bytes_ > 0) return true;
    state_ = State::head;
    complete = true;
    return finish_control(
        whole ? text : std::string_view(control_.data(), control_bytes_),
        message);
  }

  if (!in_message_) {
    message_opcode_ = opcode();
    compressed_ = head_[0] & 0x40;
    in_message_ = true;
  }
  const bool last = left_bytes_ == 0 && (head_[0] & 0x80);
  // A message that came whole is used where it lies.
  const bool in_place = last && message_.empty();
  if (!in_place) message_.append(text);
  if (left_bytes_ > 0) return true;
  state_ = State::head;
  if (!last) return true;
  complete = true;
  in_message_ = false;
  return finish_data(in_place ? text : message_.view(), message);
}

bool WebSocketReader::finish_data(std::string_view payload,
                                  WebSocketMessage& message) {
  delivered_ = true;
  if (compressed_ && !inflate(payload)) return false;
  if (options_.checks_text && message_opcode_ == Opcode::text &&
      !is_utf8(payload))
    return fail(kCloseInvalidText, "Invalid UTF-8 text message");
  message = {message_opcode_, payload, 0};
  return true;
}

bool WebSocketReader::inflate(std::string_view& payload) {
  switch (inflater_.inflate(payload, options_.message_bytes_max, inflated_)) {
    case MessageInflater::Outcome::ok:
      payload = inflated_.view();
      return true;
    case MessageInflater::Outcome::too_big:
      return fail(kCloseTooBig,
                  fmt::format("Decompressed message exceeds size limit {}",
                              options_.message_bytes_max));
    case MessageInflater::Outcome::bad:
      break;
  }
  return fail(0, inflater_.problem());
}

bool WebSocketReader::finish_control(std::string_view payload,
                                     WebSocketMessage& message) {
  if (opcode() == Opcode::close) return finish_close(payload, message);
  message = {opcode(), payload, 0};
  return true;
}

bool WebSocketReader::finish_close(std::string_view payload,
                                   WebSocketMessage& message) {
  message = {Opcode::close, {}, 0};
  if (payload.empty()) return true;
  if (payload.size() == 1)
    return fail(kCloseProtocolError, fmt::format("Invalid close frame: {} 8 {}",
                                                 data_fin_ ? "True" : "False",
                                                 byte_repr(payload[0])));
  const auto code = static_cast<uint16_t>(
      static_cast<uint8_t>(payload[0]) << 8 | static_cast<uint8_t>(payload[1]));
  if (!is_close_code(code))
    return fail(kCloseProtocolError,
                fmt::format("Invalid close code: {}", code));
  payload.remove_prefix(2);
  if (!is_utf8(payload))
    return fail(kCloseInvalidText, "Invalid UTF-8 text message");
  message.close_code = code;
  message.payload = payload;
  return true;
}

}  // namespace molotov::http
