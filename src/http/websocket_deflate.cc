#include "http/websocket_deflate.h"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace molotov::http {

namespace {

constexpr std::string_view kTail("\x00\x00\xff\xff", 4);
// Of an empty message, without the tail (RFC 7692 section 7.2.3.6).
constexpr char kEmptyBlock = '\0';
// zlib counts in 32 bits.
constexpr size_t kPieceBytes = size_t{1} << 30;
constexpr size_t kLeastRoom = 4096;
// A window up to here is kept without zlib's memory. With more of it that would
// save little, and cost two copies of it a message.
constexpr size_t kRestingBytes = 16 * 1024;
// What zlib says of a stream between two blocks, where a byte begins.
constexpr int kBetweenBlocks = 128;

Bytef* input_of(std::string_view bytes) {
  return reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
}

}  // namespace

MessageDeflater::MessageDeflater(int window_bits, bool keeps_context)
    : window_bits_(window_bits), keeps_context_(keeps_context) {
  CHECK(window_bits >= kWindowBitsMin && window_bits <= kWindowBitsMax);
}

MessageDeflater::~MessageDeflater() {
  rest();
}

void MessageDeflater::rest() {
  if (z_) deflateEnd(z_.get());
  z_.reset();
}

bool MessageDeflater::deflate(std::string_view message, std::string& out) {
  if (!z_) {
    auto z = std::make_unique<z_stream>();
    if (deflateInit2(z.get(), Z_BEST_SPEED, Z_DEFLATED, -window_bits_, 8,
                     Z_DEFAULT_STRATEGY) != Z_OK)
      return false;
    z_ = std::move(z);
  }
  const size_t begin = out.size();
  do {
    const std::string_view piece = message.substr(0, kPieceBytes);
    message.remove_prefix(piece.size());
    z_->next_in = input_of(piece);
    z_->avail_in = static_cast<uInt>(piece.size());
    do {
      const size_t had = out.size();
      const size_t room = std::clamp(piece.size(), kLeastRoom, kPieceBytes);
      out.resize(had + room);
      z_->next_out = reinterpret_cast<Bytef*>(out.data() + had);
      z_->avail_out = static_cast<uInt>(room);
      ::deflate(z_.get(), message.empty() ? Z_SYNC_FLUSH : Z_NO_FLUSH);
      out.resize(had + room - z_->avail_out);
    } while (z_->avail_out == 0);
  } while (!message.empty());
  if (out.size() > begin)
    out.resize(out.size() - kTail.size());
  else
    out += kEmptyBlock;  // there was nothing to flush since the last message
  if (!keeps_context_) rest();
  return true;
}

void AwakeDeflaters::note(MessageDeflater& deflater) {
  forget(deflater);
  awake_.push_back(deflater);
  if (++count_ <= kMost) return;
  MessageDeflater& eldest = *awake_.front();
  forget(eldest);
  eldest.rest();
}

void AwakeDeflaters::forget(MessageDeflater& deflater) {
  if (!deflater.linked()) return;
  deflater.unlink();
  count_--;
}

MessageInflater::MessageInflater(bool keeps_context)
    : keeps_context_(keeps_context) {}

MessageInflater::~MessageInflater() {
  end();
}

void MessageInflater::end() {
  if (z_) inflateEnd(z_.get());
  z_.reset();
}

// False with problem() where there is no memory for it.
bool MessageInflater::wake() {
  if (z_) return true;
  auto z = std::make_unique<z_stream>();
  int code = inflateInit2(z.get(), -MAX_WBITS);
  if (code != Z_OK) return bad(code) == Outcome::ok;
  z_ = std::move(z);
  if (window_.empty()) return true;
  const std::string_view window = window_.view();
  code = inflateSetDictionary(z_.get(), input_of(window),
                              static_cast<uInt>(window.size()));
  window_.reset();
  return code == Z_OK || bad(code) == Outcome::ok;
}

// Between two messages.
void MessageInflater::rest() {
  if (!z_) return;
  if (!keeps_context_) return end();
  uInt size = 0;
  if (z_->data_type != kBetweenBlocks ||
      inflateGetDictionary(z_.get(), nullptr, &size) != Z_OK ||
      size > kRestingBytes)
    return;
  const std::span<char> room = window_.prepare(size);
  inflateGetDictionary(z_.get(), reinterpret_cast<Bytef*>(room.data()), &size);
  window_.commit(size);
  end();
}

MessageInflater::Outcome MessageInflater::inflate(std::string_view message,
                                                  uint64_t most, Buffer& out) {
  if (!wake()) return Outcome::bad;
  Outcome outcome =
      message.empty() ? Outcome::ok : inflate_piece(message, most, out);
  if (outcome == Outcome::ok) outcome = inflate_piece(kTail, most, out);
  rest();
  return outcome;
}

MessageInflater::Outcome MessageInflater::inflate_piece(std::string_view piece,
                                                        uint64_t most,
                                                        Buffer& out) {
  const size_t least =
      std::clamp(piece.size() * 2, kLeastRoom, size_t{1} << 20);
  size_t room_left;
  do {
    const std::span<char> room = out.prepare(least);
    const std::string_view given = piece.substr(0, kPieceBytes);
    const size_t offered = std::min(room.size(), kPieceBytes);
    z_->next_in = input_of(given);
    z_->avail_in = static_cast<uInt>(given.size());
    z_->next_out = reinterpret_cast<Bytef*>(room.data());
    z_->avail_out = static_cast<uInt>(offered);
    const int code = ::inflate(z_.get(), Z_SYNC_FLUSH);
    room_left = z_->avail_out;
    out.commit(offered - room_left);
    if (most && out.size() > most) return Outcome::too_big;
    piece.remove_prefix(given.size() - z_->avail_in);
    if (code == Z_STREAM_END) {
      // A message may end its deflate stream; what follows begins another
      // (section 7.2.3.4).
      inflateReset(z_.get());
    } else if (code != Z_OK && code != Z_BUF_ERROR) {
      return bad(code);
    }
    // Full output may hide more of it, also where the input is used up.
  } while (!piece.empty() || room_left == 0);
  return Outcome::ok;
}

MessageInflater::Outcome MessageInflater::bad(int code) {
  const char* what = z_ && z_->msg ? z_->msg : "invalid data";
  problem_ = fmt::format("Error {} while decompressing data: {}", code, what);
  end();
  return Outcome::bad;
}

}  // namespace molotov::http
