// Answers from /etc/hosts and name servers, by c-ares on the loop.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <unordered_map>

#include "base/time.h"
#include "io/loop.h"
#include "net/name_source.h"

struct ares_addrinfo;
struct ares_channeldata;

namespace molotov::net {

struct CaresOptions {
  std::string servers;  // "127.0.0.1:53,..."; "": those of resolv.conf
  std::optional<Duration> timeout;  // of the first try; unset: resolv.conf's
  int tries = 2;                    // as many as the C library makes
};

class CaresSource final : public NameSource, private io::Timer {
 public:
  // `loop` must outlive it. Nothing is opened or read before the first name.
  explicit CaresSource(io::Loop& loop, CaresOptions options = {});
  ~CaresSource() override;

  void look_up(const std::string& host, uint16_t port, Asker& asker) override;

 private:
  class Socket;
  struct Question;

  Result<> open();
  void process(int readable, int writable);
  void on_timer() override;
  void arm_timer();
  void on_socket_state(int fd, bool readable, bool writable);
  static void on_result(void* question, int status, int timeouts,
                        ares_addrinfo* found);

  io::Loop& loop_;
  CaresOptions options_;
  ares_channeldata* channel_ = nullptr;
  std::unordered_map<int, std::unique_ptr<Socket>> sockets_;
};

}  // namespace molotov::net
