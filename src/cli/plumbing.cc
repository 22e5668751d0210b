#include "cli/plumbing.h"

#include <fcntl.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <array>
#include <nlohmann/json.hpp>

namespace molotov::cli {
namespace {

// Room for bursts; what is beyond the user's allowance the kernel refuses, and
// the pipe stays as it is.
constexpr int kPipeBytes = 256 * 1024;

Result<Pipe> make_pipe() {
  std::array<int, 2> ends;
  if (pipe2(ends.data(), O_CLOEXEC) != 0) return fail_errno("make a pipe");
  Pipe pipe{Fd(ends[0]), Fd(ends[1])};
  fcntl(pipe.writing.get(), F_SETPIPE_SZ, kPipeBytes);
  return pipe;
}

std::vector<int> writing_ends(const std::vector<Pipe>& pipes) {
  std::vector<int> fds;
  for (const Pipe& pipe : pipes) fds.push_back(pipe.writing.get());
  return fds;
}

}  // namespace

Result<Plumbing> Plumbing::create(size_t processes) {
  Plumbing plumbing;
  auto board = metrics::Board::create(processes);
  if (!board) return std::unexpected(board.error());
  plumbing.board_ = std::move(*board);
  for (size_t i = 0; i < processes; ++i) {
    Fd wake(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    if (!wake) return fail_errno("make an eventfd");
    plumbing.wakes_.push_back(std::move(wake));
    for (auto* pipes : {&plumbing.out_, &plumbing.err_}) {
      auto pipe = make_pipe();
      if (!pipe) return std::unexpected(pipe.error());
      pipes->push_back(std::move(*pipe));
    }
  }
  return plumbing;
}

std::vector<int> Plumbing::inherited() const {
  std::vector<int> fds{board_->fd()};
  for (const Fd& wake : wakes_) fds.push_back(wake.get());
  for (const auto* pipes : {&out_, &err_})
    for (int fd : writing_ends(*pipes)) fds.push_back(fd);
  return fds;
}

std::string Plumbing::describe(const Options& options) const {
  std::vector<int> wakes;
  for (const Fd& wake : wakes_) wakes.push_back(wake.get());
  const nlohmann::json protocol{
      {"board", board_->fd()},        {"wake", wakes},
      {"stdout", writing_ends(out_)}, {"stderr", writing_ends(err_)},
      {"processes", wakes_.size()},   {"options", options_to_json(options)},
  };
  return protocol.dump(-1, ' ', true, nlohmann::json::error_handler_t::replace);
}

void Plumbing::close_writing_ends() {
  for (auto* pipes : {&out_, &err_})
    for (Pipe& pipe : *pipes) pipe.writing.reset();
}

void Plumbing::wake_all() {
  constexpr uint64_t kOne = 1;
  for (const Fd& wake : wakes_) {
    // It cannot fail but when it has been woken often enough already.
    [[maybe_unused]] const ssize_t ignored =
        write(wake.get(), &kOne, sizeof kOne);
  }
}

}  // namespace molotov::cli
