// The final lines, to the letter (the contract's first table and its 2.7).
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
  SizingFigures figures;
  figures.reached = true;
  figures.error_ratio = 12.345678;
  figures.workers = 4;
  figures.overall = {90, 11, 0, {}};
  figures.last_minute = {80, 10, 0, {}};
  EXPECT_EQ(sizing_lines(figures),
            Lines({"", "Sizing is over!", "",
                   "Error Ratio 12.35 % obtained with 4 workers.", "",
                   "OVERALL: SUCCESSES: 90 | FAILURES: 11",
                   "LAST MINUTE: SUCCESSES: 80 | FAILURES: 10", ""}));
}

TEST(Summary, SizingWithoutAnySuccess) {
  SizingFigures figures;
  figures.reached = true;
  figures.error_ratio = 100;
  figures.workers = 500;
  figures.overall = figures.last_minute = {0, 100, 0, {}};
  EXPECT_EQ(sizing_lines(figures)[3],
            "Error Ratio 100.00 % obtained with 500 workers.");
}

TEST(Summary, SizingWasNotFinished) {
  EXPECT_EQ(sizing_lines({}),
            Lines({"Sizing was not finished. (interrupted)"}));
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
