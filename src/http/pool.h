// The connections of one client, or of several that share them: those that are
// idle, and how many may be in use at once.
//
// A request has a place in the pool from when it has a connection, or begins to
// make one, until it is done with it. Where there is no place it waits, first
// come first served; of requests that wait for a host which has its limit,
// others need not wait. Idle connections have no place, and a request that
// finds one takes it whatever the limit, as with aiohttp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/intrusive_list.h"
#include "base/time.h"
#include "io/loop.h"

namespace molotov::net {
class Connector;
}  // namespace molotov::net

namespace molotov::http {

class Connection;
class Context;
struct Origin;

// Aiohttp's, where nothing is said.
struct PoolOptions {
  size_t limit = 100;         // places; 0: any number
  size_t limit_per_host = 0;  // likewise, of one origin
  bool force_close = false;   // a connection serves one request
  // How long one stays idle; nothing: until its peer closes it.
  std::optional<Duration> keep_alive = 15s;
};

class Pool final : private io::Work, private io::Timer {
  struct Host;

 public:
  // That one more may be in use; gives it up when it is destroyed. Must not
  // outlive the pool.
  class Place {
   public:
    Place() = default;
    Place(Place&& other) noexcept
        : pool_(std::exchange(other.pool_, nullptr)), host_(other.host_) {}
    Place& operator=(Place&& other) noexcept {
      std::swap(pool_, other.pool_);
      std::swap(host_, other.host_);
      return *this;
    }
    ~Place() { give_up(); }

    explicit operator bool() const { return pool_ != nullptr; }
    void give_up() {
      if (pool_) std::exchange(pool_, nullptr)->give_up(host_);
    }

   private:
    friend class Pool;
    Place(Pool& pool, Host* host) : pool_(&pool), host_(host) {}
    Pool* pool_ = nullptr;
    Host* host_ = nullptr;  // where each host has a limit
  };

  struct Admission {
    Place place;
    std::unique_ptr<Connection> connection;  // a kept one, where there is one
  };

  // Somebody in the queue. Told from the loop, never from inside a call.
  class Waiter : private ListNode<> {
   public:
    // With a place, or without one: the pool was closed.
    virtual void on_admitted(Admission admission) = 0;
    // No longer waits. Does nothing where it does not.
    void leave() {
      if (pool_) [[unlikely]]
        leave_queue();
    }

   protected:
    Waiter();
    ~Waiter();

   private:
    friend class Pool;
    friend class IntrusiveList<Waiter>;
    void leave_queue();
    const Origin* origin_ = nullptr;
    Pool* pool_ = nullptr;  // in whose queue it is
    Host* host_ = nullptr;
    uint64_t number_ = 0;   // in the queue
    Admission admission_;   // once it has one, and is to be told
    bool refused_ = false;  // the pool was closed, and it is to be told
  };

  // All borrowed; they outlive the pool. `connector` nullptr: the context's.
  Pool(Context& context, const PoolOptions& options,
       net::Connector* connector = nullptr);
  // REQUIRES: no place of it is taken.
  ~Pool();

  const PoolOptions& options() const { return options_; }
  net::Connector& connector() { return connector_; }
  size_t in_use() const { return in_use_; }
  size_t idle() const { return idle_.size(); }

  // The idle connection to that origin which was used last, and in `place` one
  // for it; or nothing.
  std::unique_ptr<Connection> take(const Origin& origin, Place& place);
  // A place for a new connection; empty where there is no room.
  Place take_place(const Origin& origin);
  // Has `waiter` wait for what neither of the two had.
  void wait(Waiter& waiter, const Origin& origin);

  // Keeps a connection of whoever is about to give up its place.
  void put_back(std::unique_ptr<Connection> connection);

  // Closes the idle connections.
  void close_idle();
  // Has another one keep them.
  void give_idle_to(Pool& other);
  // For good: nobody is admitted any more, and what is in use is not kept.
  void close();
  bool closed() const { return closed_; }

 private:
  friend class Connection;

  // What counts to one limit_per_host.
  struct Host {
    const Origin* origin = nullptr;
    size_t in_use = 0;
    IntrusiveList<Waiter> waiters;
  };

  void on_turn() override;
  void on_timer() override;
  void on_idle_closed(Connection& connection);
  std::unique_ptr<Connection> take_idle(const Origin& origin);
  Host* host_of(const Origin& origin);
  bool has_room(const Host* host) const;
  Place place_at(Host* host);
  void give_up(Host* host) {
    in_use_--;
    if (host || waiting_ > 0) [[unlikely]]
      settle(host);
  }
  void settle(Host* host);
  void admit_next();
  Waiter* next_waiter();
  void forget_if_unused(Host* host);

  Context& context_;
  net::Connector& connector_;
  PoolOptions options_;
  Duration keep_alive_;  // of the options, or Duration::max()
  std::vector<std::unique_ptr<Connection>> idle_;
  size_t in_use_ = 0;
  bool closed_ = false;
  size_t waiting_ = 0;  // of all hosts
  uint64_t last_number_ = 0;
  IntrusiveList<Waiter> waiters_;                  // without a limit_per_host;
  std::unordered_map<const Origin*, Host> hosts_;  // or with one
  IntrusiveList<Waiter> admitted_;  // to be told in the next turn
};

}  // namespace molotov::http
