#include "cli/relay.h"

#include <fcntl.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace molotov::cli {
namespace {

// How much is read before others have their turn.
constexpr size_t kPieceBytes = 64 * 1024;
// More than any pipe holds.
constexpr int kPiecesAtEnd = 64;
// A longer line is passed on in parts.
constexpr size_t kLineBytesMost = 256 * 1024;
constexpr Duration kShowUnendedAfter = 150ms;

}  // namespace

Relay::Relay(io::Loop& loop, Terminal& terminal, Channel channel, int source,
             bool show_unended)
    : loop_(loop),
      terminal_(terminal),
      channel_(channel),
      source_(source),
      show_unended_(show_unended) {}

Relay::~Relay() {
  close();
}

Result<> Relay::start(Fd reading_end) {
  // A pipe of ours: nobody else has this end.
  if (fcntl(reading_end.get(), F_SETFL, O_NONBLOCK) != 0)
    return fail_errno("make a pipe non-blocking");
  auto watched = loop_.watch_level(reading_end.get(), EPOLLIN, *this);
  if (watched) pipe_ = std::move(reading_end);
  return watched;
}

void Relay::on_ready(uint32_t) {
  read_piece();
}

bool Relay::read_piece() {
  std::array<char, kPieceBytes> piece;
  const ssize_t got = read(pipe_.get(), piece.data(), piece.size());
  if (got > 0) {
    take({piece.data(), static_cast<size_t>(got)});
    return true;
  }
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return errno == EINTR;
  close();
  return false;
}

void Relay::take(std::string_view text) {
  const size_t end = text.rfind('\n') + 1;  // 0: no line ends here
  if (end > 0) {
    unended_ += text.substr(0, end);
    flush();
  }
  unended_ += text.substr(end);
  if (unended_.size() > kLineBytesMost) flush();
  if (!unended_.empty() && show_unended_ && !armed())
    loop_.arm_after(*this, kShowUnendedAfter);
}

void Relay::on_timer() {
  flush();
}

void Relay::flush() {
  terminal_.relay(channel_, source_, unended_);
  unended_.clear();
  loop_.disarm(*this);
}

void Relay::read_all() {
  // Bounded: somebody left behind may go on writing for ever.
  for (int i = 0; pipe_ && i < kPiecesAtEnd && read_piece(); ++i) {
  }
}

void Relay::close() {
  if (!pipe_) return;
  loop_.unwatch(pipe_.get(), *this);
  pipe_.reset();
  flush();
}

}  // namespace molotov::cli
