// The compression of a WebSocket's messages: permessage-deflate (RFC 7692).
//
// zlib's memory (some 40 KiB to inflate, up to 270 KiB to deflate) is taken
// with the first message, and given back after each where the next one does not
// refer to it ("no context takeover"). Where it does, an inflater keeps just
// what may be referred to while that is little, and a deflater may be told to
// rest.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/buffer.h"
#include "base/intrusive_list.h"

struct z_stream_s;

namespace molotov::http {

inline constexpr int kWindowBitsMax = 15;
inline constexpr int kWindowBitsMin = 9;  // zlib cannot do 8

class MessageDeflater : public ListNode<> {
 public:
  // REQUIRES: kWindowBitsMin <= window_bits <= kWindowBitsMax.
  MessageDeflater(int window_bits, bool keeps_context);
  ~MessageDeflater();
  MessageDeflater(const MessageDeflater&) = delete;

  // Appends the compressed message, without its last four bytes (section
  // 7.2.1). False when there is no memory for it.
  bool deflate(std::string_view message, std::string& out);
  // Gives zlib's memory back. The next message refers to none before it.
  void rest();

 private:
  int window_bits_;
  bool keeps_context_;
  std::unique_ptr<z_stream_s> z_;
};

// Has those of many deflaters rest that were not used for longest: what a
// sender refers to is its own choice (RFC 7692). Not owned; all are forgotten
// before they are destroyed.
class AwakeDeflaters {
 public:
  // More are not awake.
  static constexpr size_t kMost = 256;

  // The deflater was used.
  void note(MessageDeflater& deflater);
  void forget(MessageDeflater& deflater);

 private:
  IntrusiveList<MessageDeflater> awake_;  // the one used last at its end
  size_t count_ = 0;
};

class MessageInflater {
 public:
  explicit MessageInflater(bool keeps_context);
  ~MessageInflater();
  MessageInflater(const MessageInflater&) = delete;

  enum class Outcome : uint8_t { ok, too_big, bad };
  // Appends what the message decompresses to; `most` bytes at most, 0: no
  // bound. Where it is `bad`, problem() says why, as zlib does.
  Outcome inflate(std::string_view message, uint64_t most, Buffer& out);
  const std::string& problem() const { return problem_; }

 private:
  Outcome inflate_piece(std::string_view piece, uint64_t most, Buffer& out);
  Outcome bad(int code);
  bool wake();
  void rest();
  void end();

  bool keeps_context_;
  std::unique_ptr<z_stream_s> z_;
  Buffer window_;  // while it has none: what the next message may refer to
  std::string problem_;
};

}  // namespace molotov::http
