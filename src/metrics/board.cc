#include "metrics/board.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <new>

#include "base/check.h"
#include "base/text.h"

namespace molotov::metrics {

namespace {

constexpr uint64_t kMagic = 0x6472616f624c4d33;  // "3MLboard" as bytes
// Raise it with every change of what lies in the memory.
constexpr uint32_t kVersion = 4;
// No option asks for more in earnest; the sum of sizes cannot overflow.
constexpr size_t kProcessesMost = 65'536;
constexpr size_t kNamesMost = 1'000'000;

constexpr size_t whole_pages(size_t bytes) {
  return (bytes + kPageBytes - 1) / kPageBytes * kPageBytes;
}

constexpr size_t kPartBytes = whole_pages(sizeof(ProcessPart));

static_assert(std::atomic<uint64_t>::is_always_lock_free);
static_assert(std::atomic<uint32_t>::is_always_lock_free);

}  // namespace

// The memory: this, padded to whole pages, then each process' part, on pages of
// its own, and then each process' table of series.
struct Board::Header {
  uint64_t magic = kMagic;
  uint32_t version = kVersion;
  uint32_t part_bytes = kPartBytes;
  uint64_t processes = 0;
  uint64_t rows = 0;  // of each process' table
  Shared shared;

  size_t table_bytes() const { return SeriesTable::size_bytes(rows); }
  // Of a board with so many processes and rows.
  static size_t board_bytes(size_t processes, size_t rows) {
    return whole_pages(sizeof(Header)) +
           processes * (SeriesTable::size_bytes(rows) + kPartBytes);
  }
};

namespace {

Result<void*> map(const Fd& fd, size_t bytes) {
  void* memory =
      mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd.get(), 0);
  if (memory == MAP_FAILED) return fail_errno("map the board");
  return memory;
}

}  // namespace

Result<std::unique_ptr<Board>> Board::create(size_t processes, size_t names) {
  CHECK(processes >= 1);
  if (processes > kProcessesMost)
    return fail(ErrorCode::limit, "more processes than a board can have");
  if (names > kNamesMost)
    return fail(ErrorCode::limit, "more names than a board can have");
  Fd fd(memfd_create("molotov-board", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!fd) return fail_errno("memfd_create");
  const size_t rows = SeriesTable::rows_for(names);
  const size_t bytes = Header::board_bytes(processes, rows);
  if (ftruncate(fd.get(), static_cast<off_t>(bytes)) != 0)
    return fail_errno("make room for the board");
  // Whoever inherits it cannot take the memory away under the others.
  if (fcntl(fd.get(), F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW) != 0)
    return fail_errno("seal the board");
  auto memory = map(fd, bytes);
  if (!memory) return std::unexpected(memory.error());

  auto* header = new (*memory) Header;
  header->processes = processes;
  header->rows = rows;
  std::unique_ptr<Board> board(new Board(std::move(fd), header, bytes));
  for (size_t i = 0; i < processes; i++) new (&board->part(i)) ProcessPart;
  return board;
}

Result<std::unique_ptr<Board>> Board::open(Fd fd) {
  const auto refuse = [](const char* why) {
    return fail(ErrorCode::invalid_argument, why);
  };
  struct stat info{};
  if (fstat(fd.get(), &info) != 0) return fail_errno("open the board");
  const auto bytes = static_cast<size_t>(info.st_size);
  if (!S_ISREG(info.st_mode) || bytes < sizeof(Header))
    return refuse("the descriptor is not a board");
  auto memory = map(fd, bytes);
  if (!memory) return std::unexpected(memory.error());

  std::unique_ptr<Board> board(
      new Board(std::move(fd), static_cast<Header*>(*memory), bytes));
  const Header& header = *board->header_;
  if (header.magic != kMagic) return refuse("the descriptor is not a board");
  if (header.version != kVersion || header.part_bytes != kPartBytes)
    return refuse("the board is of another version of Molotov");
  if (header.processes < 1 || header.processes > kProcessesMost ||
      header.rows > SeriesTable::rows_for(kNamesMost) ||
      bytes != Header::board_bytes(header.processes, header.rows))
    return refuse("the board's size is wrong");
  return board;
}

Board::Board(Fd fd, Header* header, size_t bytes)
    : fd_(std::move(fd)), header_(header), bytes_(bytes) {}

Board::~Board() {
  munmap(header_, bytes_);
}

size_t Board::processes() const {
  return header_->processes;
}

char* Board::parts() const {
  return reinterpret_cast<char*>(header_) + whole_pages(sizeof(Header));
}

ProcessPart& Board::part(size_t index) {
  CHECK(index < processes());
  return *reinterpret_cast<ProcessPart*>(parts() + index * kPartBytes);
}

SeriesTable Board::series(size_t index) const {
  CHECK(index < processes());
  char* first = parts() + processes() * kPartBytes;
  return {first + index * header_->table_bytes(), header_->rows};
}

void ProcessPart::set_phase(Phase next) {
  const Duration now = MonotonicClock::now().time_since_epoch();
  phase_since_ns[static_cast<size_t>(next)].set(
      static_cast<uint64_t>(now.count()));
  phase.set(static_cast<uint64_t>(next));
}

Shared& Board::shared() {
  return header_->shared;
}

Instant Board::measured_from() {
  uint64_t latest = 0;
  for (size_t i = 0; i < processes(); i++)
    latest = std::max(latest, part(i).measure_from_ns.get());
  return Instant(Duration(static_cast<Duration::rep>(latest)));
}

void Board::request_stop(StopLevel level) {
  std::atomic<uint32_t>& stop = header_->shared.stop;
  uint32_t asked = stop.load();
  while (asked < static_cast<uint32_t>(level) &&
         !stop.compare_exchange_weak(asked, static_cast<uint32_t>(level))) {
  }
}

StopLevel Board::stop_level() const {
  return static_cast<StopLevel>(
      header_->shared.stop.load(std::memory_order_relaxed));
}

namespace {

void set_text(FailureKind& kind, std::string_view text) {
  text = cut(text, kind.text.size());
  std::ranges::copy(text, kind.text.begin());
  kind.text_bytes.store(text.size(), std::memory_order_release);
}

}  // namespace

uint64_t Board::count_failure(uint64_t hash, std::string_view text) {
  CHECK(hash != 0);
  auto& kinds = header_->shared.failures;
  constexpr size_t kOwn = kFailureKinds - 1;
  for (size_t i = 0; i < kOwn; i++) {
    FailureKind& kind = kinds[(hash + i) % kOwn];
    uint64_t found = 0;
    const bool taken = kind.hash.compare_exchange_strong(found, hash);
    if (!taken && found != hash) continue;
    if (taken) set_text(kind, text);
    return kind.count.fetch_add(1);
  }
  return kinds.back().count.fetch_add(1);
}

}  // namespace molotov::metrics
