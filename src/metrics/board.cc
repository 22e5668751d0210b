#include "metrics/board.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <new>

#include "base/check.h"
#include "metrics/endpoints.h"

namespace molotov::metrics {

namespace {

constexpr uint64_t kMagic = 0x6472616f624c4d33;  // "3MLboard" as bytes
// Raise it with every change of what lies in the memory.
constexpr uint32_t kVersion = 2;
constexpr size_t kPageBytes = 4096;
// No option asks for more in earnest; the sum of sizes cannot overflow.
constexpr size_t kProcessesMost = 65'536;

constexpr size_t whole_pages(size_t bytes) {
  return (bytes + kPageBytes - 1) / kPageBytes * kPageBytes;
}

constexpr size_t kPartBytes = whole_pages(sizeof(ProcessPart));
// Zeroes, as the kernel gives them, are an empty one.
constexpr size_t kTableBytes = whole_pages(sizeof(EndpointTable));

static_assert(std::atomic<uint64_t>::is_always_lock_free);
static_assert(std::atomic<uint32_t>::is_always_lock_free);

}  // namespace

// The memory: this, padded to whole pages, then each process' table of
// endpoints and then each process' part, on pages of their own.
struct Board::Header {
  uint64_t magic = kMagic;
  uint32_t version = kVersion;
  uint32_t part_bytes = kPartBytes;
  uint64_t processes = 0;
  Shared shared;
};

namespace {

// How large a header is can be said only where it is known.
size_t board_bytes(size_t header_bytes, size_t processes) {
  return whole_pages(header_bytes) + processes * (kTableBytes + kPartBytes);
}

Result<void*> map(const Fd& fd, size_t bytes) {
  void* memory =
      mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd.get(), 0);
  if (memory == MAP_FAILED) return fail_errno("map the board");
  return memory;
}

}  // namespace

Result<std::unique_ptr<Board>> Board::create(size_t processes) {
  CHECK(processes >= 1);
  if (processes > kProcessesMost)
    return fail(ErrorCode::limit, "more processes than a board can have");
  Fd fd(memfd_create("molotov-board", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!fd) return fail_errno("memfd_create");
  const size_t bytes = board_bytes(sizeof(Header), processes);
  if (ftruncate(fd.get(), static_cast<off_t>(bytes)) != 0)
    return fail_errno("make room for the board");
  // Whoever inherits it cannot take the memory away under the others.
  if (fcntl(fd.get(), F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW) != 0)
    return fail_errno("seal the board");
  auto memory = map(fd, bytes);
  if (!memory) return std::unexpected(memory.error());

  auto* header = new (*memory) Header;
  header->processes = processes;
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
      bytes != board_bytes(sizeof(Header), header.processes))
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

ProcessPart& Board::part(size_t index) {
  CHECK(index < processes());
  char* first = reinterpret_cast<char*>(header_) + whole_pages(sizeof(Header)) +
                processes() * kTableBytes;
  return *reinterpret_cast<ProcessPart*>(first + index * kPartBytes);
}

EndpointTable& Board::endpoints(size_t index) {
  CHECK(index < processes());
  char* first = reinterpret_cast<char*>(header_) + whole_pages(sizeof(Header));
  return *reinterpret_cast<EndpointTable*>(first + index * kTableBytes);
}

Shared& Board::shared() {
  return header_->shared;
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

// As much of `text` as `most` bytes hold, without half a UTF-8 character.
std::string_view cut(std::string_view text, size_t most) {
  if (text.size() <= most) return text;
  while (most > 0 && (text[most] & 0xc0) == 0x80) most--;
  return text.substr(0, most);
}

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
