// What a seed makes the same each time.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "load/run_fixture.h"

namespace molotov::load {
namespace {

// Who ran what, in order, and when it was to begin.
struct Seen {
  std::vector<std::string> runs;
  std::vector<Duration> times;
  bool operator==(const Seen&) const = default;
};

Seen seen(RunOptions options, size_t process = 0) {
  io::SimLoop loop;
  FakeProgram program(loop,
                      {{"one", 1, 0ns}, {"two", 2, 0ns}, {"six", 6, 0ns}});
  program.draw = [] {
    ADD_FAILURE() << "Python's generator was asked";
    return 0.0;
  };
  program.run = [](int, size_t, int64_t) { return takes(30ms); };
  FakeConsole console;
  auto board = std::move(*metrics::Board::create(process + 1));
  for (size_t other = 0; other < process; other++)
    board->part(other).exited.set(1);
  metrics::SeriesWriter series(board->series(process));
  Run run(loop, options, program, *board, process, series, console);
  run.start();
  const Instant end = loop.now() + 1h;
  while (!run.done() && loop.now() < end) loop.turn(1h);
  Seen all{program.notes(" run "), {}};
  for (const auto& at : program.intended)
    if (at) all.times.push_back(*at - *program.intended.front());
  return all;
}

TEST(Seed, OfTheClosedModel) {
  const RunOptions options{.workers = 5, .max_runs = 40, .seed = 1};
  RunOptions other = options;
  other.seed = 2;
  const Seen first = seen(options);
  EXPECT_EQ(first.runs.size(), 200u);
  EXPECT_EQ(seen(options), first);
  EXPECT_NE(seen(other), first);
  EXPECT_NE(seen(options, 1), first);
}

// However the workers come to their turns.
TEST(Seed, IsEachWorkersOwn) {
  const auto of_second = [](const Seen& seen) {
    std::vector<std::string> picks;
    for (const std::string& run : seen.runs)
      if (run.find(" W1 ") != run.npos)
        picks.push_back(run.substr(run.find('W')));
    return picks;
  };
  const RunOptions two{.workers = 2, .max_runs = 40, .seed = 1};
  RunOptions nine = two;
  nine.workers = 9;
  nine.ramp_up = 3s;
  EXPECT_EQ(of_second(seen(two)), of_second(seen(nine)));
}

TEST(Seed, OfTheOpenModel) {
  const RunOptions options{.workers = 50,
                           .max_runs = 200,
                           .rate = 100,
                           .arrival = Arrival::poisson,
                           .seed = 1};
  RunOptions other = options;
  other.seed = 2;
  const Seen first = seen(options);
  EXPECT_EQ(first.runs.size(), 200u);
  EXPECT_EQ(first.times.size(), 200u);
  EXPECT_EQ(seen(options), first);
  EXPECT_NE(seen(other).times, first.times);
  EXPECT_NE(seen(options, 1).times, first.times);
}

// By which one it is, not by who has it.
TEST(Seed, OfTheOpenModelPicksForTheRun) {
  const auto picks = [](const Seen& seen) {
    std::vector<std::string> names;
    for (const std::string& run : seen.runs)
      names.push_back(run.substr(run.size() - 3));
    return names;
  };
  RunOptions options{.workers = 1, .max_runs = 100, .rate = 100, .seed = 5};
  const auto one_worker = picks(seen(options));
  options.workers = 50;
  EXPECT_EQ(picks(seen(options)), one_worker);
}

}  // namespace
}  // namespace molotov::load
