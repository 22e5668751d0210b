// The board as its processes use it: written by forked children, read here,
// and kept when a child dies.
#include "metrics/board.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <set>
#include <vector>

namespace molotov::metrics {
namespace {

std::unique_ptr<Board> make_board(size_t processes) {
  auto board = Board::create(processes);
  EXPECT_TRUE(board) << board.error().message();
  return std::move(*board);
}

// Runs `child` in a process of its own, which ends without clean-up.
template <typename F>
pid_t in_child(F child) {
  const pid_t pid = fork();
  if (pid == 0) {
    child();
    _exit(0);
  }
  EXPECT_GT(pid, 0);
  return pid;
}

int wait_for(pid_t pid) {
  int status = -1;
  EXPECT_EQ(waitpid(pid, &status, 0), pid);
  return status;
}

TEST(Board, NewOneIsZero) {
  auto board = make_board(3);
  EXPECT_EQ(board->processes(), 3u);
  EXPECT_EQ(board->stop_level(), StopLevel::none);
  const Totals all = totals(*board);
  EXPECT_EQ(all.runs_succeeded, 0u);
  EXPECT_EQ(all.requests, 0u);
  for (size_t i = 0; i < 3; i++) EXPECT_EQ(board->series(i).used(), 0u);
}

TEST(Board, PartsAreOnPagesOfTheirOwn) {
  auto board = make_board(4);
  std::set<uintptr_t> pages;
  for (size_t i = 0; i < 4; i++) {
    const auto first = reinterpret_cast<uintptr_t>(&board->part(i));
    EXPECT_EQ(first % 4096, 0u);
    for (size_t at = 0; at < sizeof(ProcessPart); at += 4096)
      EXPECT_TRUE(pages.insert((first + at) / 4096).second);
  }
}

TEST(Board, TooManyProcessesAreRefused) {
  auto board = Board::create(size_t{1} << 60);
  ASSERT_FALSE(board);
  EXPECT_EQ(board.error().code, ErrorCode::limit);
}

TEST(Board, DescriptorDoesNotSurviveExecByItself) {
  auto board = make_board(1);
  EXPECT_TRUE(fcntl(board->fd(), F_GETFD) & FD_CLOEXEC);
}

TEST(Board, OpenedByItsDescriptorIsTheSameMemory) {
  auto board = make_board(2);
  auto second = Board::open(Fd(dup(board->fd())));
  ASSERT_TRUE(second) << second.error().message();
  EXPECT_EQ((*second)->processes(), 2u);
  (*second)->part(1).requests.add(7);
  (*second)->request_stop(StopLevel::graceful);
  EXPECT_EQ(board->part(1).requests.get(), 7u);
  EXPECT_EQ(board->stop_level(), StopLevel::graceful);
}

TEST(Board, OpenRefusesWhatIsNoBoard) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  Fd write_end(ends[1]);
  EXPECT_FALSE(Board::open(Fd(ends[0])));
  EXPECT_FALSE(Board::open(Fd(-1)));

  Fd empty(memfd_create("empty", 0));
  EXPECT_FALSE(Board::open(std::move(empty)));
  Fd zeroes(memfd_create("zeroes", 0));
  ASSERT_EQ(ftruncate(zeroes.get(), 1 << 20), 0);
  auto opened = Board::open(std::move(zeroes));
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, ErrorCode::invalid_argument);
}

TEST(Board, OpenRefusesAnotherVersion) {
  auto board = make_board(1);
  // The version follows the eight bytes that say what it is.
  const uint32_t other = 9999;
  ASSERT_EQ(pwrite(board->fd(), &other, sizeof other, 8), 4);
  auto opened = Board::open(Fd(dup(board->fd())));
  ASSERT_FALSE(opened);
  EXPECT_NE(opened.error().detail.find("version"), std::string::npos);
}

TEST(Board, NobodyCanTakeTheMemoryAway) {
  auto board = make_board(1);
  EXPECT_NE(ftruncate(board->fd(), 0), 0);
}

TEST(Board, StopLevelIsNeverLowered) {
  auto board = make_board(1);
  board->request_stop(StopLevel::cancel);
  board->request_stop(StopLevel::graceful);
  EXPECT_EQ(board->stop_level(), StopLevel::cancel);
}

TEST(Board, ProcessesCountAtOnceAndExactly) {
  constexpr size_t kProcesses = 4;
  constexpr int kRuns = 20'000;
  auto board = make_board(kProcesses);
  std::vector<pid_t> children;
  for (size_t i = 0; i < kProcesses; i++) {
    children.push_back(in_child([&, i] {
      ProcessPart& part = board->part(i);
      for (int run = 0; run < kRuns; run++) {
        part.runs_succeeded.add();
        part.errors[static_cast<size_t>(ErrorKind::timeout)].add(2);
        board->count_failure(1 + static_cast<uint64_t>(run % 3), "");
      }
    }));
  }
  for (pid_t child : children) EXPECT_EQ(wait_for(child), 0);

  const Totals all = totals(*board);
  EXPECT_EQ(all.runs_succeeded, kProcesses * kRuns);
  EXPECT_EQ(all.errors[static_cast<size_t>(ErrorKind::timeout)],
            2 * kProcesses * kRuns);
  uint64_t failures = 0;
  for (uint64_t kind = 1; kind <= 3; kind++)
    failures += board->count_failure(kind, "");
  EXPECT_EQ(failures, kProcesses * kRuns);
}

TEST(Board, CountsOutliveTheProcessThatMadeThem) {
  auto board = make_board(2);
  const pid_t child = in_child([&] {
    board->part(1).runs_succeeded.add(11);
    board->part(1).workers_running.set(5);
    raise(SIGKILL);
  });
  const int status = wait_for(child);
  EXPECT_TRUE(WIFSIGNALED(status));
  EXPECT_EQ(totals(*board).runs_succeeded, 11u);
  EXPECT_EQ(totals(*board).workers_running, 5u);
  board->part(1).exited.set(1);
  EXPECT_EQ(totals(*board).workers_running, 0u);  // nobody is left to run
}

TEST(Board, FailureKindsAreToldApart) {
  auto board = make_board(1);
  EXPECT_EQ(board->count_failure(5, ""), 0u);
  EXPECT_EQ(board->count_failure(6, ""), 0u);
  EXPECT_EQ(board->count_failure(5, ""), 1u);
  // Two that would take the same place.
  EXPECT_EQ(board->count_failure(5 + 511, ""), 0u);
  EXPECT_EQ(board->count_failure(5 + 511, ""), 1u);
  EXPECT_EQ(board->count_failure(5, ""), 2u);
}

// What the board calls the kind with this hash.
std::string text_of(Board& board, uint64_t hash) {
  for (const FailureKind& kind : board.shared().failures)
    if (kind.hash.load() == hash)
      return {kind.text.data(), kind.text_bytes.load()};
  return "(none)";
}

TEST(Board, FailureKindHasTheTextItWasFirstCountedWith) {
  auto board = make_board(1);
  board->count_failure(7, "ValueError at loadtest.py:3");
  board->count_failure(7, "another");
  EXPECT_EQ(text_of(*board, 7), "ValueError at loadtest.py:3");
}

TEST(Board, LongTextIsCutBetweenCharacters) {
  auto board = make_board(1);
  board->count_failure(1, std::string(159, 'x') + "\u00e9");  // two bytes
  EXPECT_EQ(text_of(*board, 1), std::string(159, 'x'));
  board->count_failure(2, std::string(158, 'x') + "\u00e9\u00e9");
  EXPECT_EQ(text_of(*board, 2), std::string(158, 'x') + "\u00e9");
  board->count_failure(3, std::string(200, 'x'));
  EXPECT_EQ(text_of(*board, 3), std::string(160, 'x'));
}

TEST(Board, FailureKindsBeyondTheTableAreCountedTogether) {
  auto board = make_board(1);
  for (uint64_t hash = 1; hash < kFailureKinds; hash++)
    ASSERT_EQ(board->count_failure(hash, ""), 0u);
  EXPECT_EQ(board->count_failure(100'000, ""), 0u);
  EXPECT_EQ(board->count_failure(100'001, ""), 1u);
  EXPECT_EQ(board->count_failure(3, ""), 1u);  // has its own place still
}

TEST(Board, TotalsAddUpEveryFigure) {
  auto board = make_board(2);
  for (size_t i = 0; i < 2; i++) {
    ProcessPart& part = board->part(i);
    uint64_t value = 1;
    for (Count* count :
         {&part.workers_started, &part.workers_running, &part.workers_died,
          &part.runs_succeeded, &part.runs_failed, &part.runs_cancelled,
          &part.setups_failed, &part.session_setups_failed,
          &part.teardowns_failed, &part.requests, &part.http_errors,
          &part.bytes_sent, &part.bytes_received, &part.unstamped})
      count->set(value++);
  }
  const Totals all = totals(*board);
  uint64_t value = 1;
  for (uint64_t total :
       {all.workers_started, all.workers_running, all.workers_died,
        all.runs_succeeded, all.runs_failed, all.runs_cancelled,
        all.setups_failed, all.session_setups_failed, all.teardowns_failed,
        all.requests, all.http_errors, all.bytes_sent, all.bytes_received,
        all.unstamped})
    EXPECT_EQ(total, 2 * value++);
}

TEST(ErrorKind, EveryCodeHasOneAndEveryKindAName) {
  const struct {
    ErrorCode code;
    std::string_view kind;
  } rows[] = {
      {ErrorCode::dns_not_found, "dns"},
      {ErrorCode::dns_timeout, "dns"},
      {ErrorCode::connect_refused, "refused"},
      {ErrorCode::connect_unreachable, "unreachable"},
      {ErrorCode::connect_failed, "connect"},
      {ErrorCode::dns_custom, "dns"},
      {ErrorCode::connect_custom, "connect"},
      {ErrorCode::pool_closed, "cancelled"},
      {ErrorCode::connect_timeout, "timeout"},
      {ErrorCode::tls_handshake, "tls"},
      {ErrorCode::tls_expired, "tls"},
      {ErrorCode::reset, "reset"},
      {ErrorCode::http_disconnected, "disconnected"},
      {ErrorCode::http_truncated, "truncated"},
      {ErrorCode::http_malformed, "malformed"},
      {ErrorCode::http_content_coding, "malformed"},
      {ErrorCode::read_timeout, "timeout"},
      {ErrorCode::total_timeout, "timeout"},
      {ErrorCode::cancelled, "cancelled"},
      {ErrorCode::limit, "other"},
      {ErrorCode::http_invalid_url, "other"},
  };
  for (const auto& row : rows)
    EXPECT_EQ(to_string(kind_of(row.code)), row.kind) << to_string(row.code);
  for (size_t kind = 0; kind < kErrorKinds; kind++)
    EXPECT_NE(to_string(static_cast<ErrorKind>(kind)), "unknown");
}

}  // namespace
}  // namespace molotov::metrics
