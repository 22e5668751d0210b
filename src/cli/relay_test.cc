// What goes through pipes comes out whole, in order and in lines, also where
// nobody reads for a while or ever.
#include "cli/relay.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <memory>
#include <string>
#include <thread>

#include "io/epoll_loop.h"

namespace molotov::cli {
namespace {

struct Ends {
  Fd reading, writing;
};

Ends make_pipe() {
  std::array<int, 2> ends;
  EXPECT_EQ(pipe2(ends.data(), O_CLOEXEC), 0);
  return {Fd(ends[0]), Fd(ends[1])};
}

void write_all(const Fd& fd, std::string_view text) {
  ASSERT_EQ(write(fd.get(), text.data(), text.size()), ssize_t(text.size()));
}

std::string read_all(const Fd& fd) {
  std::string all;
  std::array<char, 4096> piece;
  ssize_t got;
  while ((got = read(fd.get(), piece.data(), piece.size())) > 0)
    all.append(piece.data(), size_t(got));
  return all;
}

class RelayTest : public testing::Test {
 protected:
  void SetUp() override {
    loop_ = std::move(*io::EpollLoop::create());
    out_ = make_pipe();
    err_ = make_pipe();
    terminal_ =
        std::make_unique<Terminal>(out_.writing.get(), err_.writing.get());
  }

  // A stream of process output; returns the end that the process has.
  Fd add(int source, bool show_unended = false) {
    Ends pipe = make_pipe();
    relays_.push_back(std::make_unique<Relay>(*loop_, *terminal_, Channel::out,
                                              source, show_unended));
    EXPECT_TRUE(relays_.back()->start(std::move(pipe.reading)));
    return std::move(pipe.writing);
  }

  void read_what_is_there() {
    while (loop_->turn(Duration::zero())) {
    }
  }

  // All that came out, once nothing more can.
  std::string output() {
    for (auto& relay : relays_) relay->close();
    terminal_.reset();
    out_.writing.reset();
    return read_all(out_.reading);
  }

  std::unique_ptr<io::EpollLoop> loop_;
  Ends out_, err_;
  std::unique_ptr<Terminal> terminal_;
  std::vector<std::unique_ptr<Relay>> relays_;
};

TEST_F(RelayTest, LinesOfTwoDoNotMix) {
  const Fd a = add(1), b = add(2);
  write_all(a, "first ");
  read_what_is_there();
  write_all(b, "other\nand ");
  read_what_is_there();
  write_all(a, "half\nsecond");
  read_what_is_there();
  write_all(b, "more\n");
  read_what_is_there();
  EXPECT_EQ(output(), "other\nfirst half\nand more\nsecond");
}

TEST_F(RelayTest, AnUnendedLineIsEndedForTheNext) {
  const Fd a = add(1), b = add(2);
  write_all(a, "a");
  write_all(b, "b");
  read_what_is_there();
  relays_[0]->close();
  relays_[1]->close();
  terminal_->print(Channel::out, "ours");
  EXPECT_EQ(output(), "a\nb\nours\n");
}

TEST_F(RelayTest, OfOneProcessHalfALineIsShownAfterAMoment) {
  Fd a = add(1, true);
  write_all(a, "Name? ");
  std::array<char, 16> text;
  // The terminal's own thread writes it: this blocks until it has.
  std::thread turning([&] {
    while (!relays_[0]->finished()) loop_->turn(10ms);
  });
  const ssize_t got = read(out_.reading.get(), text.data(), text.size());
  EXPECT_EQ(std::string(text.data(), size_t(got)), "Name? ");
  a.reset();
  turning.join();
}

TEST_F(RelayTest, EndsWithItsPipe) {
  Fd a = add(1);
  write_all(a, "end");
  a.reset();
  relays_[0]->read_all();
  EXPECT_TRUE(relays_[0]->finished());
  EXPECT_EQ(output(), "end");
}

TEST_F(RelayTest, AVeryLongLinePassesInParts) {
  const Fd a = add(1);
  fcntl(a.get(), F_SETPIPE_SZ, 1 << 20);
  const std::string line(600'000, 'x');
  std::thread reader;
  std::string seen;
  write_all(a, line);
  reader = std::thread([&] { seen = read_all(out_.reading); });
  read_what_is_there();
  for (auto& relay : relays_) relay->close();
  terminal_.reset();
  out_.writing.reset();
  reader.join();
  EXPECT_EQ(seen, line);
}

// --- Terminal and writer ----------------------------------------------------

TEST(Terminal, SaysWhatWasDropped) {
  Ends out = make_pipe(), err = make_pipe();
  fcntl(out.writing.get(), F_SETPIPE_SZ, 4096);
  auto terminal = std::make_unique<Terminal>(
      out.writing.get(), err.writing.get(),
      Spool::Limits{.memory_bytes = 1000, .file_bytes = 1000});
  const std::string line(99, 'x');
  write_all(out.writing, std::string(4096, '\n'));  // it is full
  for (int i = 0; i < 10'000; ++i) terminal->print(Channel::out, line);
  EXPECT_FALSE(terminal->finish(Duration::zero()));  // nobody reads
  std::string seen;
  std::thread reader([&] { seen = read_all(out.reading); });
  terminal.reset();
  out.writing.reset();
  err.writing.reset();
  reader.join();
  const std::string said = read_all(err.reading);
  seen.erase(0, 4096);
  const size_t dropped = 1'000'000 - seen.size();
  EXPECT_GT(dropped, 900'000);
  std::string digits = said.substr(0, said.find(' '));
  std::erase(digits, ',');
  EXPECT_EQ(digits, std::to_string(dropped));
  EXPECT_TRUE(said.ends_with(" bytes of output were dropped\n"));
  EXPECT_EQ(seen.size() % 100, 0) << "only whole lines are dropped";
}

TEST(Terminal, AReaderThatHasGoneIsNoConcern) {
  Ends out = make_pipe(), err = make_pipe();
  out.reading.reset();
  Terminal terminal(out.writing.get(), err.writing.get());
  for (int i = 0; i < 1000; ++i) terminal.print(Channel::out, "line");
  EXPECT_TRUE(terminal.finish(10s));
  terminal.print(Channel::out, "line");
  EXPECT_TRUE(terminal.finish(10s));
  err.writing.reset(open("/dev/null", O_WRONLY));
  EXPECT_EQ(fcntl(err.reading.get(), F_SETFL, O_NONBLOCK), 0);
  EXPECT_EQ(read_all(err.reading), "");
}

TEST(Terminal, SaysThatADiskIsFull) {
  const Fd full(open("/dev/full", O_WRONLY));
  Ends err = make_pipe();
  {
    Terminal terminal(full.get(), err.writing.get());
    terminal.print(Channel::out, "line");
    EXPECT_TRUE(terminal.finish(10s));
  }
  err.writing.reset();
  const std::string said = read_all(err.reading);
  EXPECT_TRUE(said.contains("No space left on device")) << said;
}

TEST(Terminal, DescriptorStaysBlocking) {
  Ends out = make_pipe(), err = make_pipe();
  const int before = fcntl(out.writing.get(), F_GETFL);
  {
    Terminal terminal(out.writing.get(), err.writing.get());
    terminal.print(Channel::out, "line");
  }
  EXPECT_EQ(fcntl(out.writing.get(), F_GETFL), before);
}

TEST(Writer, CopesWithAnothersNonblock) {
  Ends pipe = make_pipe();
  fcntl(pipe.writing.get(), F_SETFL, O_NONBLOCK);
  const std::string text(1 << 20, 'x');
  std::string seen;
  std::thread reader([&] { seen = read_all(pipe.reading); });
  {
    Writer writer(pipe.writing.get(),
                  Spool({.memory_bytes = 2 << 20}, temporary_directory()));
    writer.write(text);
  }
  pipe.writing.reset();
  reader.join();
  EXPECT_EQ(seen, text);
}

}  // namespace
}  // namespace molotov::cli
