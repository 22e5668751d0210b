// Accepting connections: the sockets that listen, and the loop's part of it.
#pragma once

#include <string>

#include "base/error.h"
#include "base/fd.h"
#include "io/epoll_loop.h"
#include "net/resolver.h"

namespace molotov::net {

// Whether several sockets may listen on one port, the kernel dealing out the
// connections (SO_REUSEPORT).
enum class PortUse : uint8_t { alone, shared };

// A listening TCP socket; port 0 takes a free one. Connections accepted from it
// have TCP_NODELAY. An IPv6 address listens for IPv6 only.
Result<Fd> listen_tcp(const Address& address, PortUse use = PortUse::alone);

// A listening Unix socket. A socket file that nobody listens on any more is
// replaced; any other file of that name is an error. The caller removes it.
Result<Fd> listen_unix(const std::string& path);

// What a socket is bound to: tells the port that port 0 became.
Result<Address> local_address(int fd);

// Takes what arrives at a listening socket, on the loop's thread.
//
// Where descriptors or memory have run out the connections wait in the kernel
// and are taken once there is room again: nothing is refused and nothing spins.
class Listener final : private io::Watcher, private io::Timer {
 public:
  class Acceptor {
   public:
    // `socket` is connected and does not block. Must not destroy the listener.
    virtual void on_accept(Fd socket) = 0;

   protected:
    ~Acceptor() = default;
  };

  // Borrows the loop and the acceptor; they outlive it. `socket` listens and
  // does not block.
  static Result<std::unique_ptr<Listener>> create(io::EpollLoop& loop,
                                                  Fd socket,
                                                  Acceptor& acceptor);
  ~Listener() override;

  int fd() const { return socket_.get(); }

 private:
  Listener(io::EpollLoop& loop, Fd socket, Acceptor& acceptor)
      : loop_(loop), socket_(std::move(socket)), acceptor_(acceptor) {}
  void on_ready(uint32_t) override { accept_some(); }
  void on_timer() override { accept_some(); }
  void accept_some();

  io::EpollLoop& loop_;
  Fd socket_;
  Acceptor& acceptor_;
};

}  // namespace molotov::net
