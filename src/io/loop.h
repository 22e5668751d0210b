// The event loop: readiness, timers, and work that waits its turn.
//
// One thread owns a loop; only wake() may be called from others. A turn is:
// wait for readiness (not at all when work is queued), tell the watchers that
// are ready, some at a time, each lot followed by the work that it queued; fire
// the timers that are due; then run the rest of the queued work. Work that is
// queued by work waits for the next turn, so none can keep the others from
// theirs, and nothing is called from inside its own call.
//
// EpollLoop is the real one, SimLoop (sim_loop.h) has a virtual clock.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/error.h"
#include "base/intrusive_list.h"
#include "base/time.h"

namespace molotov::io {

class Loop;

// Something told of a descriptor's readiness. Edge-triggered: told once, it
// must read (write) until the kernel has no more. May unwatch and destroy
// itself in the call.
class Watcher {
 public:
  // `events` are EPOLLIN, EPOLLOUT, EPOLLRDHUP, EPOLLHUP, EPOLLERR.
  virtual void on_ready(uint32_t events) = 0;

 protected:
  ~Watcher() = default;
};

// A call at an instant, once. Destroying an armed timer disarms it.
class Timer {
 public:
  Timer() = default;
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;

  bool armed() const { return queue_ != nullptr; }
  // The instant it is, or was last, armed for.
  Instant deadline() const { return deadline_; }

 protected:
  virtual ~Timer();

  // The timer is disarmed when this is called; it may arm itself again, or be
  // destroyed in the call.
  virtual void on_timer() = 0;

 private:
  friend class TimerQueue;
  Instant deadline_{};
  size_t index_ = 0;
  class TimerQueue* queue_ = nullptr;
};

// The armed timers, earliest first: a 4-ary heap of pointers, each timer
// knowing its place. Arm and disarm are O(log n), and arming the latest of all,
// which is what a time-out is, O(1).
class TimerQueue {
 public:
  TimerQueue() = default;
  TimerQueue(const TimerQueue&) = delete;
  TimerQueue& operator=(const TimerQueue&) = delete;
  ~TimerQueue();

  void arm(Timer& timer, Instant deadline);
  void disarm(Timer& timer);
  size_t size() const { return heap_.size(); }
  // When there is something to fire next; Instant::max() when there is nothing.
  Instant next() const {
    return heap_.empty() ? Instant::max() : heap_.front().deadline;
  }
  // Fires all that were due at `now` when called; returns how many.
  size_t fire(Instant now);

 private:
  struct Entry {
    Instant deadline;
    Timer* timer;
  };
  void place(size_t index, Entry entry);
  void sift_up(size_t index, Entry entry);
  void sift_down(size_t index, Entry entry);

  std::vector<Entry> heap_;
  Instant not_before_ = Instant::min();  // while firing: what counts as past
};

// A piece of work that can be queued on a loop. Destroying a queued one takes
// it off the queue.
class Work : public ListNode<Work> {
 public:
  bool queued() const { return linked(); }

 protected:
  virtual ~Work() = default;
  // Off the queue when called; may queue itself again, or be destroyed.
  virtual void on_turn() = 0;

 private:
  friend class Loop;
};

class Loop {
 public:
  virtual ~Loop() = default;

  // The time at the start of this turn. Cheap; use MonotonicClock::now() only
  // where a measurement is taken.
  Instant now() const { return now_; }
  // The time now: after code of others, which may have taken long.
  virtual Instant exact_now() const { return now_; }

  // Watches `fd` for all readiness, edge-triggered, until unwatch(). `watcher`
  // must outlive the watch. Fails with the errno of epoll_ctl.
  virtual Result<> watch(int fd, Watcher& watcher) = 0;
  // As watch(), level-triggered, for the given events only (a descriptor that
  // other code reads). Calling it again changes the events.
  virtual Result<> watch_level(int fd, uint32_t events, Watcher& watcher) = 0;
  // Must come before the descriptor is closed. The watcher is not told
  // afterwards, not even of what this turn had already found.
  virtual void unwatch(int fd, Watcher& watcher) = 0;

  // Arms, or moves, a timer. A deadline in the past fires in the next turn.
  void arm(Timer& timer, Instant deadline) { timers_.arm(timer, deadline); }
  void arm_after(Timer& timer, Duration delay) { arm(timer, now_ + delay); }
  void disarm(Timer& timer) { timers_.disarm(timer); }
  // Of the timers that are armed; Instant::max() when there are none.
  Instant next_deadline() const { return timers_.next(); }

  // Queues `work`: for this turn, from a watcher or timer; for the next, from
  // other work. No effect when it is queued already.
  void post(Work& work) {
    if (!work.queued()) (running_ ? next_turn_ : queue_).push_back(work);
  }
  bool has_work() const { return !queue_.empty() || !next_turn_.empty(); }
  // Whether this is called by work: what that posts is for the next turn.
  bool in_work() const { return running_; }

  // One turn, waiting at most `longest` for something to happen. Returns
  // whether anything did.
  virtual bool turn(Duration longest) = 0;

  // Turns until stop() is called.
  void run();
  void stop() { stopped_ = true; }

  // Ends the wait of this turn or the next. The only call for other threads.
  virtual void wake() = 0;

 protected:
  // Runs what watchers and timers of this turn have queued; returns how much.
  size_t run_queue();

  Instant now_{};
  TimerQueue timers_;
  IntrusiveList<Work, Work> queue_;
  IntrusiveList<Work, Work> next_turn_;  // queued by work
  bool running_ = false;                 // work
  bool stopped_ = false;
};

// A timer that calls a function object; for the cold paths.
template <typename F>
class CallTimer final : public Timer {
 public:
  explicit CallTimer(F call) : call_(std::move(call)) {}

 private:
  void on_timer() override { call_(); }
  F call_;
};

}  // namespace molotov::io
