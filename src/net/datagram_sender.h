// Sends datagrams and never waits for anybody: what is sent in one turn of the
// loop goes to the kernel together, at its end. Those whose order does not
// matter go by their size, many of one size as one piece of memory that the
// kernel cuts up (UDP_SEGMENT, udp(7)): that costs a fifth of sending each.
//
// A datagram is lost where the peer refuses it, where it is too long, and where
// the kernel takes none and the queue is full; that is counted.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/fd.h"
#include "io/loop.h"
#include "net/resolver.h"

namespace molotov::net {

class DatagramSender final : private io::Work, private io::Watcher {
 public:
  // What may lie in the queue; more is lost.
  static constexpr size_t kQueuedMost = 65'536;
  static constexpr size_t kQueuedBytesMost = 16 << 20;

  // `on_loss` is told of the first loss that has a cause outside, once. It is
  // called in a turn, or from send() or close(), and must not call them.
  using OnLoss = std::function<void(const Error& cause)>;
  DatagramSender(io::Loop& loop, OnLoss on_loss);
  ~DatagramSender();

  // Sends to the first of these addresses that can be sent to; where it refuses
  // (nobody listens), to the next. Fails with what the last one failed with.
  // REQUIRES: at least one address, and not open.
  Result<> open(std::vector<Address> addresses);
  bool is_open() const { return bool(fd_); }

  // Does nothing where it is not open. In this order.
  void send(std::string_view datagram);
  // The same, before or after others.
  void send_in_any_order(std::string_view datagram);
  // Sends what is queued, waiting at most so long, and closes.
  void close(Duration patience);

  uint64_t lost() const { return lost_; }

 private:
  // Datagrams of one size, one behind the other.
  struct Lot {
    size_t size;  // of each, in bytes
    std::string bytes = {};
    size_t begin = 0;  // what is before is gone
    size_t count() const { return (bytes.size() - begin) / size; }
    void clear() {
      bytes.clear();
      begin = 0;
    }
  };

  void on_turn() override { flush(); }
  void on_ready(uint32_t events) override;  // room, after the kernel was full
  Result<> connect(size_t first);
  Result<> connect_to(const Address& address);
  size_t in_order() const { return sizes_.size() - first_; }
  size_t queued() const { return in_order() + in_lots_; }
  bool takes(size_t bytes);
  void go_on();
  void flush();
  void flush_in_order();
  void flush_lots();
  int send_some();
  bool send_some_of(const Lot& lot, size_t datagrams);
  void take(Lot& lot, size_t datagrams);
  void on_lot_error(Lot& lot, size_t datagrams, int sys_errno);
  size_t lot_bytes() const;
  void drop_all();
  void drop(size_t datagrams);
  void on_error(int sys_errno);
  void on_refused(const Error& error);
  void tell(const Error& error);
  void set_blocked(bool blocked);

  io::Loop& loop_;
  OnLoss on_loss_;
  std::vector<Address> addresses_;
  size_t address_ = 0;  // the one in use
  size_t refusals_ = 0;
  Fd fd_;
  std::string bytes_;            // of all datagrams that follow
  std::vector<uint32_t> sizes_;  // theirs; those before first_ are gone
  size_t first_ = 0;
  size_t first_byte_ = 0;
  std::vector<Lot> lots_;
  size_t in_lots_ = 0;
  bool kernel_cuts_ = false;  // into segments, as far as we know
  uint64_t lost_ = 0;
  bool blocked_ = false;  // the kernel took no more; on_ready() will be called
  bool told_ = false;
};

}  // namespace molotov::net
