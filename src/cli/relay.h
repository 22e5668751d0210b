// What a process writes to one of its descriptors, read as soon as it comes and
// passed on in whole lines, so that nobody who prints ever waits for us.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "base/fd.h"
#include "cli/terminal.h"
#include "io/loop.h"

namespace molotov::cli {

class Relay final : private io::Watcher, private io::Timer {
 public:
  // `source` is the stream's number for the terminal. With `show_unended`, a
  // line that has no end yet is shown after a moment all the same (a prompt,
  // dots of progress); without, it waits for its end, because lines of several
  // processes may not mix. Loop and terminal outlive this.
  Relay(io::Loop& loop, Terminal& terminal, Channel channel, int source,
        bool show_unended);
  ~Relay();

  // Begins to read the pipe, whose end this is. Makes it non-blocking.
  Result<> start(Fd reading_end);

  // Nobody can write to it any more, and all is passed on.
  bool finished() const { return !pipe_; }
  // Reads what is there now.
  void read_all();
  // Passes on what was read, even half a line, and reads no more.
  void close();

 private:
  void on_ready(uint32_t events) override;
  void on_timer() override;
  bool read_piece();
  void take(std::string_view text);
  void flush();

  io::Loop& loop_;
  Terminal& terminal_;
  const Channel channel_;
  const int source_;
  const bool show_unended_;
  Fd pipe_;
  std::string unended_;
};

}  // namespace molotov::cli
