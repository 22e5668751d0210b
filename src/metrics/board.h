// The board: shared memory in which every process that makes load counts, and
// which the supervisor reads. Nothing that happens in a load process takes away
// what it had counted.
//
// The supervisor creates it; its descriptor is inherited. Each process writes
// its own part by relaxed atomic stores (one writer, so no read-modify-write is
// needed); the `Shared` head has the few things that all of them write.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/fd.h"
#include "base/time.h"
#include "metrics/count.h"
#include "metrics/duration_cells.h"
#include "metrics/error_kind.h"
#include "metrics/series.h"

namespace molotov::metrics {

// Where a load process is in its life.
enum class Phase : uint64_t { starting, preparing, running, ending, finished };
constexpr size_t kPhases = 5;

// One process' part.
struct ProcessPart {
  Count pid;
  Count phase;  // a Phase
  Count workers_started;
  Count workers_running;
  Count workers_died;
  Count runs_succeeded;
  Count runs_failed;
  Count runs_cancelled;  // neither succeeded nor failed
  Count setups_failed;
  Count session_setups_failed;
  Count teardowns_failed;  // teardown, teardown_session
  Count requests;          // that ended, whether answered or not
  Count http_errors;       // of these, answered with 4xx or 5xx
  Count bytes_sent;
  Count bytes_received;
  Count unstamped;  // arrivals that the kernel's stamp did not place
  std::array<Count, kErrorKinds> errors;  // requests not answered, by kind
  // For the parent of forked processes: how this one ended, as waitpid gives
  // it, once `exited` is 1.
  Count exited;
  Count wait_status;
  // When the duration of its last worker is over, on CLOCK_MONOTONIC; 0 before
  // the workers are started.
  Count ends_at_ns;
  // When each phase began, on CLOCK_MONOTONIC; 0: it has not.
  std::array<Count, kPhases> phase_since_ns;

  // Runs that were to begin in the warm-up, which count nowhere else.
  Count warmup_succeeded;
  Count warmup_failed;
  Count warmup_cancelled;
  Count warmup_requests;
  // When the warm-up is over, on CLOCK_MONOTONIC; 0: there is none. What was to
  // begin before is part of it.
  Count measure_from_ns;
  // Of the open load model, behind its warm-up.
  Count starts;       // runs that were begun
  Count late_starts;  // of these, more than kLateStart after their time
  // That came when no worker was free and -w did not let more be made.
  Count cap_reached;
  Count starts_missed;        // that the end, or a stop, came before
  Count at_start_line;        // 1: it waits for the others to begin with it
  DurationCells start_delay;  // from when a run was to begin to when it did

  void set_phase(Phase next);
  // Instant{} where it has not begun.
  Instant since(Phase begun) const {
    return Instant(Duration(phase_since_ns[static_cast<size_t>(begun)].get()));
  }
};
constexpr Duration kLateStart = std::chrono::milliseconds(1);

// Why a run is to stop; the highest that was asked for stands.
enum class StopLevel : uint32_t {
  none = 0,
  graceful = 1,  // no new runs, runs in progress finish
  cancel = 2,    // runs in progress are cancelled too
};

// A kind of failed run: exception type and line. Shown in full the first
// kFailuresShown times, all processes together, then counted.
struct FailureKind {
  std::atomic<uint64_t> hash{0};  // 0: free
  std::atomic<uint64_t> count{0};
  // What the supervisor calls it by. Written by whoever took the place, once;
  // `text_bytes` is stored after it, with release, and is 0 until then.
  std::atomic<uint64_t> text_bytes{0};
  std::array<char, 160> text{};
};
constexpr uint64_t kFailuresShown = 100;
constexpr size_t kFailureKinds = 512;  // the last one is for all the rest

// What all processes write.
struct Shared {
  std::atomic<uint32_t> stop{0};  // a StopLevel
  // A fixture failed, a worker died, -x: why the run ended early.
  std::atomic<uint32_t> stopped_by_failure{0};
  // sys.exit(n) in the script: 1 + (n & 0xff); 0: none.
  std::atomic<uint32_t> script_exit{0};
  std::array<FailureKind, kFailureKinds> failures;
  // When the processes of an open load begin together, on CLOCK_MONOTONIC; 0:
  // not decided yet.
  std::atomic<uint64_t> begins_at_ns{0};
};

class Board {
 public:
  // With room for that many names in each process.
  // REQUIRES: processes >= 1. Fails where the memory cannot be had.
  static Result<std::unique_ptr<Board>> create(size_t processes,
                                               size_t names = kNamesDefault);
  // Maps one that was inherited. Fails when `fd` is not a board, or one of
  // another version.
  static Result<std::unique_ptr<Board>> open(Fd fd);
  ~Board();

  int fd() const { return fd_.get(); }
  size_t processes() const;
  ProcessPart& part(size_t index);  // REQUIRES: index < processes()
  // REQUIRES: the same. What was counted by name in that process.
  SeriesTable series(size_t index) const;
  Shared& shared();
  // When the warm-up is over in all processes; Instant() where there is none.
  Instant measured_from();

  // Asks all processes to stop; never lowers what was asked before. Whoever
  // sets it wakes the others by their wake descriptors.
  void request_stop(StopLevel level);
  StopLevel stop_level() const;

  // Counts a failure of the kind with this hash (not 0); returns how many there
  // were of it before. `text` names the kind for a person, cut to what fits (on
  // a character's boundary); of the last place, which is for all the rest, it
  // stays empty.
  uint64_t count_failure(uint64_t hash, std::string_view text);

 private:
  struct Header;
  Board(Fd fd, Header* header, size_t bytes);
  char* parts() const;

  Fd fd_;
  Header* header_;
  size_t bytes_;
};

// All parts added up, at one moment.
struct Totals {
  uint64_t workers_started = 0, workers_running = 0, workers_died = 0;
  uint64_t runs_succeeded = 0, runs_failed = 0, runs_cancelled = 0;
  uint64_t setups_failed = 0, session_setups_failed = 0, teardowns_failed = 0;
  uint64_t requests = 0, http_errors = 0, bytes_sent = 0, bytes_received = 0;
  uint64_t unstamped = 0;
  uint64_t warmup_succeeded = 0, warmup_failed = 0, warmup_cancelled = 0;
  uint64_t starts = 0, late_starts = 0, cap_reached = 0, starts_missed = 0;
  std::array<uint64_t, kErrorKinds> errors{};
};
Totals totals(Board& board);

// Whether more runs have failed than is put up with: as many as `allowed` says
// (--fail), or any at all (--fail-on-any).
bool too_many_failed(uint64_t runs_failed, std::optional<int64_t> allowed,
                     bool on_any);

}  // namespace molotov::metrics
