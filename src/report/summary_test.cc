// The final lines, to the letter (those of 2.7, as the tutorial has them).
#include "report/summary.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <vector>

namespace molotov::report {
namespace {

using Lines = std::vector<std::string>;

TEST(Summary, CountsLine) {
  const struct {
    RunCounts counts;
    const char* line;
  } rows[] = {
      {{26, 0, 0, 1}, "SUCCESSES: 26 | FAILURES: 0 | WORKERS: 1"},
      {{0, 0, 0, 0}, "SUCCESSES: 0 | FAILURES: 0 | WORKERS: 0"},
      {{3, 4, 0, {}}, "SUCCESSES: 3 | FAILURES: 4"},
      {{3, 4, 5, 10},
       "SUCCESSES: 3 | FAILURES: 4 | WORKERS: 10 | CANCELLED: 5"},
      {{3, 4, 5, {}}, "SUCCESSES: 3 | FAILURES: 4 | CANCELLED: 5"},
      {{5'000'000'000, 0, 0, {}}, "SUCCESSES: 5000000000 | FAILURES: 0"},
  };
  for (const auto& row : rows) EXPECT_EQ(counts_line(row.counts), row.line);
}

TEST(Summary, RedrawnLineReplacesALongerOne) {
  EXPECT_EQ(redrawn("SUCCESSES: 1"), "\rSUCCESSES: 1\x1b[K");
}

TEST(Summary, SizingIsOver) {
  metrics::SizingVerdict verdict;
  verdict.reached = true;
  verdict.error_ratio = 12.345678;
  verdict.workers = 4;
  verdict.last_minute = {80, 10};
  EXPECT_EQ(sizing_lines(verdict, {90, 11, 0, {}}),
            Lines({"", "Sizing is over!", "",
                   "Error Ratio 12.35 % obtained with 4 workers.", "",
                   "OVERALL: SUCCESSES: 90 | FAILURES: 11",
                   "LAST MINUTE: SUCCESSES: 80 | FAILURES: 10", ""}));
}

TEST(Summary, SizingWithoutAnySuccess) {
  metrics::SizingVerdict verdict;
  verdict.reached = true;
  verdict.error_ratio = 100;
  verdict.workers = 500;
  verdict.last_minute = {0, 100};
  EXPECT_EQ(sizing_lines(verdict, {0, 100, 0, {}})[3],
            "Error Ratio 100.00 % obtained with 500 workers.");
}

TEST(Summary, SizingWasNotFinished) {
  EXPECT_EQ(sizing_lines({}, {}),
            Lines({"Sizing was not finished. (interrupted)"}));
}

TEST(Summary, Whole) {
  const auto board = metrics::Board::create(1).value();
  board->part(0).runs_succeeded.add(7);
  board->part(0).workers_started.add(2);
  EXPECT_EQ(summary_lines(*board, {}, {}),
            Lines({"SUCCESSES: 7 | FAILURES: 0", "*** Bye ***"}));
  for (int i = 0; i < 101; i++) board->count_failure(1, "ValueError()");
  metrics::SizingVerdict verdict;
  const SummaryParts parts{.workers = true, .sizing = &verdict};
  EXPECT_EQ(summary_lines(*board, {}, parts),
            Lines({"ValueError()", "(… 1 more like this)",
                   "Sizing was not finished. (interrupted)",
                   "SUCCESSES: 7 | FAILURES: 0 | WORKERS: 2", "*** Bye ***"}));
  verdict.reached = true;
  const Lines lines = summary_lines(*board, {}, parts);
  EXPECT_EQ(lines.size(), 11u);
  EXPECT_EQ(lines[7], "OVERALL: SUCCESSES: 7 | FAILURES: 0");
  EXPECT_EQ(lines.back(), "*** Bye ***");
}

TEST(Summary, TheWarmUpIsShownApart) {
  metrics::Totals totals;
  totals.warmup_succeeded = 1197;
  totals.warmup_failed = 3;
  EXPECT_EQ(warm_up_line(totals), "WARM-UP: 1200 runs, 3 failed");
  totals.warmup_cancelled = 2;
  EXPECT_EQ(warm_up_line(totals), "WARM-UP: 1202 runs, 3 failed, 2 cancelled");

  const auto board = metrics::Board::create(2).value();
  board->part(1).warmup_succeeded.add(1);
  board->part(1).measure_from_ns.set(5);
  EXPECT_EQ(summary_lines(*board, {}, {}),
            Lines({"WARM-UP: 1 run, 0 failed", "SUCCESSES: 0 | FAILURES: 0",
                   "*** Bye ***"}));
}

TEST(Summary, SignalsHaveTheirNames) {
  EXPECT_EQ(signal_name(SIGKILL), "SIGKILL");
  EXPECT_EQ(signal_name(SIGSEGV), "SIGSEGV");
  EXPECT_EQ(signal_name(SIGTERM), "SIGTERM");
  EXPECT_EQ(signal_name(SIGXCPU), "SIGXCPU");
  EXPECT_EQ(signal_name(1000), "signal 1000");
}

// How a child ends that does this.
template <typename F>
int wait_status_of(F child) {
  const pid_t pid = fork();
  if (pid == 0) {
    child();
    _exit(0);
  }
  int status = 0;
  waitpid(pid, &status, 0);
  return status;
}

TEST(Summary, DeathsAreToldApart) {
  EXPECT_EQ(death_line(4711, wait_status_of([] { raise(SIGKILL); })),
            "Process 4711 was killed by SIGKILL");
  EXPECT_EQ(death_line(4711, wait_status_of([] { _exit(3); })),
            "Process 4711 ended with exit code 3");
}

}  // namespace
}  // namespace molotov::report
