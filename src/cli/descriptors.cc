#include "cli/descriptors.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>

#include "report/numbers.h"

namespace molotov::cli {
namespace {

// Python's own, the engine's, the script's files.
constexpr uint64_t kMargin = 64;
// Both ends of two pipes and an eventfd, all in the supervisor.
constexpr uint64_t kPerProcess = 5;
// There are programs that close every descriptor up to the limit.
constexpr rlim_t kMost = 1 << 20;

uint64_t positive(int64_t value) {
  return static_cast<uint64_t>(std::max<int64_t>(value, 0));
}

std::string advice(const Options& options, uint64_t needed, rlim_t limit) {
  std::string text = fmt::format(
      "{} workers in a process need at least {} file descriptors, and the "
      "limit is {}.\nRaise it (`ulimit -Hn {}` as root, LimitNOFILE= in a "
      "systemd unit)",
      report::with_commas(positive(options.workers)),
      report::with_commas(needed), report::with_commas(limit), needed);
  const uint64_t rest = needed - positive(options.workers);
  if (limit > rest)
    text += fmt::format(", or use at most `-w {}` and more processes (-p)",
                        limit - rest);
  return text + ".";
}

}  // namespace

uint64_t descriptors_needed(const Options& options) {
  constexpr uint64_t kHuge = 1ull << 40;  // so that nothing overflows
  return std::min(positive(options.workers), kHuge) +
         kPerProcess * std::min(positive(options.processes), kHuge) + kMargin;
}

int64_t workers_possible(const Options& options) {
  rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return options.workers;
  const uint64_t rest = descriptors_needed(options) - positive(options.workers);
  const rlim_t most = std::min<rlim_t>(limit.rlim_max, 1ull << 40);
  return static_cast<int64_t>(most) - static_cast<int64_t>(rest);
}

Result<> provide_descriptors(const Options& options) {
  rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
    return fail_errno("read the limit on file descriptors");
  const uint64_t needed = descriptors_needed(options);
  if (needed > limit.rlim_max)
    return fail(ErrorCode::limit, advice(options, needed, limit.rlim_max));
  const rlim_t wanted =
      std::min(limit.rlim_max, std::max<rlim_t>(needed, kMost));
  if (wanted <= limit.rlim_cur) return {};
  limit.rlim_cur = wanted;
  if (setrlimit(RLIMIT_NOFILE, &limit) != 0)
    return fail_errno("raise the limit on file descriptors");
  return {};
}

void open_standard_streams() {
  for (int fd = 0; fd <= 2; ++fd)
    if (fcntl(fd, F_GETFD) == -1)
      open("/dev/null", fd == 0 ? O_RDONLY : O_WRONLY);
}

}  // namespace molotov::cli
