#include "http/websocket.h"

#include <utility>

#include "http/client.h"

namespace molotov::http {

namespace {

constexpr size_t kReadBytes = 64 * 1024;
// Then the others have their turn, however fast the peer sends.
constexpr int kReadsPerTurn = 16;
// So much does not wait for the next turn.
constexpr size_t kHeldBytes = 16 * 1024;
// A scratch buffer that became larger is given back.
constexpr size_t kScratchBytes = 256 * 1024;

}  // namespace

WebSocket::WebSocket(Context& context, Upgraded upgraded,
                     const WebSocketOptions& options,
                     WebSocketListener& listener)
    : context_(context),
      listener_(listener),
      options_(options),
      stream_(std::move(upgraded.stream)),
      place_(std::move(upgraded.place)),
      input_(std::move(upgraded.input)),
      reader_(options.reader),
      heard_at_(context.loop().now()),
      next_turn_(*this) {
  stream_->stop_stamping();
  stream_->set_listener(this);
}

WebSocket::~WebSocket() {
  if (stream_) flush();
  drop_deflater();
}

void WebSocket::drop_deflater() {
  if (deflater_) context_.awake_deflaters_.forget(*deflater_);
  deflater_.reset();
}

void WebSocket::on_readable(bool hung_up) {
  readable_ = true;
  hung_up_ |= hung_up;
  heard_at_ = context_.loop().now();
  listener_.on_readable();
}

// Comes back by itself where it is not to go on now.
bool WebSocket::may_read_again() {
  const Instant now = context_.loop().now();
  if (std::exchange(turn_, now) != now) reads_ = 0;
  if (reads_++ < kReadsPerTurn) return true;
  context_.loop().post(*this);
  return false;
}

void WebSocket::drop_message() {
  input_.consume(std::exchange(used_, 0));
  reader_.drop_delivered();
}

WebSocket::Read WebSocket::read(WebSocketMessage& message) {
  using Status = WebSocketReader::Status;
  drop_message();
  if (reader_.has_failed()) return Read::failed;
  for (;;) {
    if (!input_.empty()) {
      std::span<char> bytes = input_.span();
      const size_t had = bytes.size();
      const Status status = reader_.read(bytes, message);
      used_ = had - bytes.size();
      if (status == Status::message) return Read::message;
      if (status == Status::failed) return Read::failed;
      input_.consume(std::exchange(used_, 0));
    }
    if (!stream_) return broken_ ? Read::broken : Read::ended;
    if (!readable_ || !may_read_again()) return Read::nothing;
    const std::span<char> room(context_.read_scratch_.get(), kReadBytes);
    const net::IoResult got = stream_->read(room);
    if (got.status == net::IoStatus::would_block) {
      readable_ = false;
      return Read::nothing;
    }
    if (got.status != net::IoStatus::ok) {
      broken_ = got.status == net::IoStatus::failed;
      shut();
      continue;
    }
    // Behind the end that has been told, only a read finds it.
    readable_ = hung_up_ || !got.drained;
    std::span<char> bytes = room.first(got.bytes);
    const Status status = reader_.read(bytes, message);
    input_.append({bytes.data(), bytes.size()});
    if (status == Status::message) return Read::message;
    if (status == Status::failed) return Read::failed;
  }
}

bool WebSocket::write(Opcode opcode, std::string_view payload,
                      int deflate_bits) {
  if (!stream_) return false;
  std::string& out = context_.write_scratch_;
  out.clear();
  std::string packed;
  const bool compressed =
      !is_control(opcode) && (deflate_bits > 0 || options_.deflate_bits > 0);
  if (compressed) {
    MessageDeflater own(deflate_bits ? deflate_bits : kWindowBitsMax, false);
    if (!deflate_bits && !deflater_)
      deflater_ = std::make_unique<MessageDeflater>(options_.deflate_bits,
                                                    options_.keeps_context);
    if (!(deflate_bits ? own : *deflater_).deflate(payload, packed))
      return false;
    if (!deflate_bits && options_.keeps_context)
      context_.awake_deflaters_.note(*deflater_);
    payload = packed;
  }
  append_frame(out, {true, compressed, opcode}, payload,
               context_.mask_keys_.next());
  const bool sent = send(out);
  if (out.capacity() > kScratchBytes) out = std::string();
  return sent;
}

bool WebSocket::send(std::string_view bytes) {
  const Instant now = context_.loop().now();
  const bool waits =
      context_.loop().in_work() && std::exchange(sent_turn_, now) == now;
  if (output_.empty() && !waits) return send_now(bytes);
  output_.append(bytes);
  if (blocked_) return true;
  if (!waits || output_.size() >= kHeldBytes) {
    on_writable();
    return is_open();
  }
  context_.loop().post(next_turn_);
  return true;
}

bool WebSocket::send_now(std::string_view bytes) {
  if (!write_some(bytes)) {
    shut();
    return false;
  }
  output_.append(bytes);
  return true;
}

// Takes off the front of `bytes` what the stream takes: less than all only
// where it tells when it takes more. False where it has failed. One write may
// take just a part of what would go, such as a record of TLS.
bool WebSocket::write_some(std::string_view& bytes) {
  blocked_ = false;
  while (!bytes.empty()) {
    const net::IoResult result = stream_->write(bytes);
    if (result.status == net::IoStatus::would_block) {
      blocked_ = true;
      return true;
    }
    if (result.status != net::IoStatus::ok) return false;
    bytes.remove_prefix(result.bytes);
  }
  return true;
}

// Writes what is kept. False where the connection has failed.
bool WebSocket::flush() {
  std::string_view left = output_.view();
  const bool works = write_some(left);
  if (left.empty() || !works)
    output_.reset();
  else
    output_.consume(output_.size() - left.size());
  return works;
}

void WebSocket::on_writable() {
  if (!stream_) return;
  if (!flush()) return shut();
  listener_.on_written();
}

void WebSocket::shut() {
  if (stream_) flush();
  stream_.reset();
  place_.give_up();
  output_.reset();
  drop_deflater();
  listener_.on_readable();
  listener_.on_written();
}

}  // namespace molotov::http
