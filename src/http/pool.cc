#include "http/pool.h"

#include <algorithm>

#include "base/check.h"
#include "http/client.h"
#include "http/connection.h"

namespace molotov::http {

Pool::Pool(Context& context, const PoolOptions& options,
           net::Connector* connector)
    : context_(context),
      connector_(connector ? *connector : context.connector()),
      options_(options),
      keep_alive_(options.keep_alive.value_or(Duration::max())) {}

Pool::~Pool() {
  CHECK(in_use_ == 0 && waiting_ == 0);
  close_idle();
}

std::unique_ptr<Connection> Pool::take(const Origin& origin, Place& place) {
  auto kept = take_idle(origin);
  if (kept) place = place_at(host_of(origin));
  return kept;
}

Pool::Place Pool::take_place(const Origin& origin) {
  Host* const host = host_of(origin);
  if (has_room(host)) return place_at(host);
  forget_if_unused(host);
  return {};
}

void Pool::wait(Waiter& waiter, const Origin& origin) {
  waiter.origin_ = &origin;
  waiter.pool_ = this;
  waiter.host_ = host_of(origin);
  waiter.number_ = ++last_number_;
  (waiter.host_ ? waiter.host_->waiters : waiters_).push_back(waiter);
  waiting_++;
}

Pool::Waiter::Waiter() = default;

Pool::Waiter::~Waiter() {
  leave();
}

void Pool::Waiter::leave_queue() {
  Pool& pool = *std::exchange(pool_, nullptr);
  unlink();
  if (admission_.place) {  // it is to be told of it yet
    admission_.connection.reset();
    admission_.place.give_up();
  } else if (!refused_) {
    pool.waiting_--;
    pool.forget_if_unused(host_);
  }
}

void Pool::settle(Host* host) {
  if (host) host->in_use--;
  if (waiting_ > 0) admit_next();
  forget_if_unused(host);
}

// What it is admitted with is its own from now on, though it is told later:
// whoever comes in between finds it taken.
void Pool::admit_next() {
  while (Waiter* const waiter = next_waiter()) {
    waiter->unlink();
    waiting_--;
    waiter->admission_ = {place_at(waiter->host_), take_idle(*waiter->origin_)};
    admitted_.push_back(*waiter);
    context_.loop().post(*this);
  }
}

// Who came first of those that there is room for; nullptr: nobody.
Pool::Waiter* Pool::next_waiter() {
  if (options_.limit_per_host == 0)
    return has_room(nullptr) ? waiters_.front() : nullptr;
  Waiter* next = nullptr;
  for (auto& [origin, host] : hosts_) {
    Waiter* const first = host.waiters.front();
    if (first && has_room(&host) && (!next || first->number_ < next->number_))
      next = first;
  }
  return next;
}

void Pool::on_turn() {
  while (Waiter* const waiter = admitted_.pop_front()) {
    waiter->pool_ = nullptr;
    waiter->refused_ = false;
    waiter->on_admitted(std::exchange(waiter->admission_, {}));
  }
}

// nullptr where hosts have no limit of their own.
Pool::Host* Pool::host_of(const Origin& origin) {
  if (options_.limit_per_host == 0) return nullptr;
  Host& host = hosts_[&origin];
  host.origin = &origin;
  return &host;
}

void Pool::forget_if_unused(Host* host) {
  if (host && host->in_use == 0 && host->waiters.empty())
    hosts_.erase(host->origin);
}

bool Pool::has_room(const Host* host) const {
  if (closed_ || (options_.limit > 0 && in_use_ >= options_.limit))
    return false;
  return !host || host->in_use < options_.limit_per_host;
}

Pool::Place Pool::place_at(Host* host) {
  in_use_++;
  if (host) host->in_use++;
  return {*this, host};
}

std::unique_ptr<Connection> Pool::take_idle(const Origin& origin) {
  for (size_t i = idle_.size(); i-- > 0;) {
    if (&idle_[i]->origin() != &origin) continue;
    auto connection = std::move(idle_[i]);
    idle_.erase(idle_.begin() + static_cast<std::ptrdiff_t>(i));
    connection->leave_pool();
    if (context_.loop().now() - connection->idle_since() <= keep_alive_)
      return connection;
    context_.bury(std::move(connection));
  }
  return nullptr;
}

void Pool::put_back(std::unique_ptr<Connection> connection) {
  if (options_.force_close || closed_) [[unlikely]]
    return context_.bury(std::move(connection));
  connection->set_idle_owner(this, context_.loop().now());
  idle_.push_back(std::move(connection));
  if (!armed() && options_.keep_alive) [[unlikely]]
    context_.loop().arm_after(*this, keep_alive_);
}

// Closes what has been idle for too long. Those that were put back first are
// not the first in the list, since the last one is taken first.
void Pool::on_timer() {
  const Instant oldest = context_.loop().now() - keep_alive_;
  Instant next = Instant::max();
  std::erase_if(idle_, [&](std::unique_ptr<Connection>& idle) {
    if (idle->idle_since() > oldest) {
      next = std::min(next, idle->idle_since());
      return false;
    }
    context_.bury(std::move(idle));
    return true;
  });
  if (!idle_.empty()) context_.loop().arm(*this, next + keep_alive_);
}

void Pool::on_idle_closed(Connection& connection) {
  const auto at =
      std::find_if(idle_.begin(), idle_.end(),
                   [&](const auto& idle) { return idle.get() == &connection; });
  CHECK(at != idle_.end());
  context_.bury(std::move(*at));
  idle_.erase(at);
}

void Pool::close_idle() {
  for (auto& connection : idle_) context_.bury(std::move(connection));
  idle_.clear();
}

void Pool::give_idle_to(Pool& other) {
  for (auto& connection : std::exchange(idle_, {})) {
    connection->leave_pool();
    other.put_back(std::move(connection));
  }
}

void Pool::close() {
  closed_ = true;
  close_idle();
  const auto refuse = [&](IntrusiveList<Waiter>& waiters) {
    while (Waiter* const waiter = waiters.pop_front()) {
      waiter->refused_ = true;
      waiting_--;
      admitted_.push_back(*waiter);
      context_.loop().post(*this);
    }
  };
  refuse(waiters_);
  for (auto& [origin, host] : hosts_) refuse(host.waiters);
  std::erase_if(hosts_, [](const auto& h) { return h.second.in_use == 0; });
}

}  // namespace molotov::http
