// A plain stream: a connected TCP or Unix socket on a loop.
//
// One recvmsg a read, which brings the kernel's receive stamp along (stamp.h),
// and one send a write; neither allocates. Of what comes fast it tells seldom
// (gathering.h).
#pragma once

#include <cstdint>
#include <memory>

#include "base/error.h"
#include "base/fd.h"
#include "io/epoll_loop.h"
#include "net/gathering.h"
#include "net/stream.h"

namespace molotov::net {

class TcpStream final : public Stream, private io::Watcher, private io::Work {
 public:
  // Takes a connected socket, as connect or accept gave it: makes it
  // non-blocking, where it is TCP turns Nagle's algorithm off and receive
  // stamps on, and watches it. `loop` must outlive the stream. Fails where the
  // descriptor cannot be watched.
  static Result<std::unique_ptr<TcpStream>> adopt(io::EpollLoop& loop,
                                                  Fd connected_socket);
  ~TcpStream() override;

  IoResult read(std::span<char> into) override;
  IoResult write(std::string_view bytes) override;
  IoResult write_file(int file, uint64_t offset, size_t bytes) override;
  void stop_stamping() override { stamping_ = only_stamping_ = false; }
  void expect(uint64_t bytes) override {
    if (gathering_) gathering_->expect(bytes);
  }
  void shut_down_write() override;
  int fd() const override { return fd_.get(); }
  bool is_tls() const override { return false; }

 private:
  TcpStream(io::EpollLoop& loop, Fd socket);
  void on_ready(uint32_t events) override;
  void on_turn() override { tell_readable(hung_up_); }
  void tell_later() override { loop_.post(*this); }
  ssize_t receive(std::span<char> into, Arrival& arrival);
  ssize_t receive_stamped(std::span<char> into, Arrival& arrival);
  ssize_t receive_otherwise(std::span<char> into, Arrival& arrival);
  void on_full_read(size_t bytes);
  void end_gathering();
  IoResult taken(ssize_t sent, size_t bytes);
  IoResult failed(int sys_errno, std::string_view doing);

  io::EpollLoop& loop_;
  Fd fd_;
  Haste haste_;
  std::unique_ptr<Gathering> gathering_;  // while they come fast
  bool stamping_ = true;
  bool only_stamping_ = true;   // and not gathering: so reads are nearly all
  bool write_blocked_ = false;  // on_writable() is owed
  bool hung_up_ = false;        // the end can be read, behind what is left
};

}  // namespace molotov::net
