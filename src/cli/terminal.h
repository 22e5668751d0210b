// Standard output and standard error: all that the command and the processes
// under it say passes here, so that no two of them mix within a line, and so
// that the line of counts, which is redrawn in place on a terminal, makes room
// for them. Nothing here waits for whoever reads, but the end (finish()).
//
// One thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/time.h"
#include "cli/spool.h"
#include "cli/writer.h"

namespace molotov::cli {

enum class Channel : uint8_t { out, err };

class Terminal {
 public:
  // Borrows the descriptors. Where both are the same file, all goes to `out_fd`
  // in the order in which it came.
  Terminal(int out_fd, int err_fd, Spool::Limits limits = {});

  // A line of our own.
  void print(Channel channel, std::string_view line);
  // What a process wrote; `source` tells the streams of the processes apart
  // (not 0, which is us). A line that one has not ended is ended before another
  // one's text.
  void relay(Channel channel, int source, std::string_view text);

  // Whether standard output is a terminal on which a line can be redrawn.
  bool redraws() const { return redraws_; }
  // Draws a line in place. It goes away with the next text. No effect where
  // the terminal has not even taken what came before.
  void show_status(std::string_view line);

  // Waits until all is written, at most so long; returns whether it is. Says
  // what was dropped, when called for the first time, and why nothing could be
  // written, if so.
  bool finish(Duration longest);

 private:
  struct Sink {
    Sink(int fd, Spool::Limits limits)
        : writer(fd, Spool(limits, temporary_directory())) {}
    Writer writer;
    int open_line_of = -1;  // whose line is not ended yet; -1: nobody's
  };
  Sink& sink(Channel channel);
  void put(Sink& sink, int source, std::string_view text);
  bool wait_until(Instant end);
  void say_what_is_dropped();
  void say_what_has_failed();

  const int out_fd_;
  const bool redraws_;
  Sink out_;
  std::unique_ptr<Sink> err_;  // nullptr: the same as out_
  bool status_shown_ = false;
  bool finishing_ = false;
  bool finished_ = false;
};

// The width of the terminal that `fd` is; 0 when it is none.
int terminal_columns(int fd);

// As Python's shutil.get_terminal_size(): $COLUMNS, the terminal's, or 80.
int output_columns();

}  // namespace molotov::cli
