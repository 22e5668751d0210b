// Answers from the C library, where the system's configuration has more for
// hosts than files and name servers. getaddrinfo blocks, so a few threads of
// its own do the waiting.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>

#include "io/loop.h"
#include "net/name_source.h"

namespace molotov::net {

class ThreadSource final : public NameSource, private io::Watcher {
 public:
  // `loop` must outlive it. No thread or descriptor before the first name.
  explicit ThreadSource(io::Loop& loop);
  // Does not wait for a getaddrinfo in progress: that thread ends by itself.
  ~ThreadSource() override;

  void look_up(const std::string& host, uint16_t port, Asker& asker) override;

 private:
  class Shared;
  struct LetGo {
    void operator()(Shared* shared) const;
  };
  // The source's and each thread's hold on what they share: the last one out
  // frees it. Not a shared_ptr because it passes through pthread's void*.
  using Hold = std::unique_ptr<Shared, LetGo>;

  Result<> open();
  Result<> start_thread();
  void on_ready(uint32_t events) override;
  static void* run(void* hold);

  io::Loop& loop_;
  Hold shared_;
  std::unordered_map<uint64_t, Asker*> askers_;
  uint64_t next_id_ = 0;
};

}  // namespace molotov::net
