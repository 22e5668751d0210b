#include "cli/terminal.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "base/numerals.h"
#include "cli/literals.h"
#include "report/numbers.h"
#include "report/summary.h"

namespace molotov::cli {
namespace {

constexpr int kOurs = 0;
constexpr int kNobody = -1;
constexpr std::string_view kClearLine = "\r\x1b[K";

bool same_file(int a, int b) {
  struct stat first, second;
  return fstat(a, &first) == 0 && fstat(b, &second) == 0 &&
         first.st_dev == second.st_dev && first.st_ino == second.st_ino;
}

bool can_redraw(int fd) {
  const char* kind = std::getenv("TERM");
  return isatty(fd) && kind && std::strcmp(kind, "dumb") != 0;
}

}  // namespace

Terminal::Terminal(int out_fd, int err_fd, Spool::Limits limits)
    : out_fd_(out_fd), redraws_(can_redraw(out_fd)), out_(out_fd, limits) {
  if (!same_file(out_fd, err_fd)) err_ = std::make_unique<Sink>(err_fd, limits);
}

Terminal::Sink& Terminal::sink(Channel channel) {
  return channel == Channel::err && err_ ? *err_ : out_;
}

void Terminal::print(Channel channel, std::string_view line) {
  put(sink(channel), kOurs, fmt::format("{}\n", line));
}

void Terminal::relay(Channel channel, int source, std::string_view text) {
  if (!text.empty()) put(sink(channel), source, text);
}

void Terminal::put(Sink& sink, int source, std::string_view text) {
  std::string bytes;
  if (status_shown_ && &sink == &out_) {
    bytes += kClearLine;
    status_shown_ = false;
  }
  if (sink.open_line_of != kNobody && sink.open_line_of != source)
    bytes += '\n';
  bytes += text;
  sink.open_line_of = text.ends_with('\n') ? kNobody : source;
  sink.writer.write(bytes);
}

void Terminal::show_status(std::string_view line) {
  if (!redraws_ || out_.open_line_of != kNobody || !out_.writer.idle()) return;
  const auto columns = static_cast<size_t>(terminal_columns(out_fd_));
  // The last column stays free: a cursor beyond it would be on the next line.
  if (columns > 1) line = line.substr(0, columns - 1);
  out_.writer.write(report::redrawn(line));
  status_shown_ = true;
}

bool Terminal::finish(Duration longest) {
  const Instant end = MonotonicClock::now() + longest;
  if (!std::exchange(finishing_, true)) {
    put(out_, kOurs, "");
    say_what_is_dropped();
  }
  if (!wait_until(end)) return false;
  if (!std::exchange(finished_, true)) say_what_has_failed();
  return wait_until(end);
}

bool Terminal::wait_until(Instant end) {
  const auto left = [end] {
    return std::max(Duration::zero(), end - MonotonicClock::now());
  };
  const bool out_done = out_.writer.wait_idle(left());
  return (!err_ || err_->writer.wait_idle(left())) && out_done;
}

void Terminal::say_what_is_dropped() {
  uint64_t dropped = out_.writer.dropped();
  if (err_) dropped += err_->writer.dropped();
  if (dropped > 0)
    print(Channel::err, fmt::format("{} bytes of output were dropped",
                                    report::with_commas(dropped)));
}

void Terminal::say_what_has_failed() {
  const int error = out_.writer.error();
  // A reader that has gone away wanted no more.
  if (error != 0 && error != EPIPE && error != EIO)
    print(Channel::err, fmt::format("The output could not be written: {}",
                                    std::strerror(error)));
}

int terminal_columns(int fd) {
  winsize size{};
  return ioctl(fd, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

int output_columns() {
  const char* text = std::getenv("COLUMNS");
  const auto columns = text ? parse_int(text) : std::nullopt;
  if (columns && *columns > 0 && *columns < 10'000)
    return static_cast<int>(*columns);
  const int width = terminal_columns(STDOUT_FILENO);
  return width > 0 ? width : 80;
}

}  // namespace molotov::cli
