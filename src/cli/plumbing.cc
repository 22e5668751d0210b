#include "cli/plumbing.h"

#include <fcntl.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <iterator>
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
  std::vector<int> fds(pipes.size());
  std::ranges::transform(pipes, fds.begin(),
                         [](const Pipe& pipe) { return pipe.writing.get(); });
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
  std::ranges::transform(wakes_, std::back_inserter(fds), &Fd::get);
  for (const auto* pipes : {&out_, &err_})
    std::ranges::copy(writing_ends(*pipes), std::back_inserter(fds));
  return fds;
}

std::string Plumbing::describe(const Options& options) const {
  std::vector<int> wakes(wakes_.size());
  std::ranges::transform(wakes_, wakes.begin(), &Fd::get);
  const nlohmann::json protocol{
      {"board", board_->fd()},
      {"wake", wakes},
      {"stdout", writing_ends(out_)},
      {"stderr", writing_ends(err_)},
      {"processes", wakes_.size()},
      {"options", options_to_json(options)},
      {"cacert_source", source_of(options, "cacert")},
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
