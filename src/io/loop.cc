#include "io/loop.h"

#include <algorithm>

namespace molotov::io {

namespace {
constexpr size_t kArity = 4;
}

Timer::~Timer() {
  if (queue_) queue_->disarm(*this);
}

TimerQueue::~TimerQueue() {
  for (Entry& entry : heap_) entry.timer->queue_ = nullptr;
}

void TimerQueue::place(size_t index, Entry entry) {
  heap_[index] = entry;
  entry.timer->index_ = index;
}

void TimerQueue::sift_up(size_t index, Entry entry) {
  while (index > 0) {
    const size_t parent = (index - 1) / kArity;
    if (heap_[parent].deadline <= entry.deadline) break;
    place(index, heap_[parent]);
    index = parent;
  }
  place(index, entry);
}

void TimerQueue::sift_down(size_t index, Entry entry) {
  for (;;) {
    const size_t first = index * kArity + 1;
    if (first >= heap_.size()) break;
    const auto begin = heap_.begin() + static_cast<std::ptrdiff_t>(first);
    const auto end = heap_.begin() + static_cast<std::ptrdiff_t>(std::min(
                                         first + kArity, heap_.size()));
    const auto least = std::min_element(
        begin, end,
        [](const Entry& a, const Entry& b) { return a.deadline < b.deadline; });
    if (least->deadline >= entry.deadline) break;
    const auto child = static_cast<size_t>(least - heap_.begin());
    place(index, *least);
    index = child;
  }
  place(index, entry);
}

void TimerQueue::arm(Timer& timer, Instant deadline) {
  if (timer.queue_) timer.queue_->disarm(timer);
  timer.queue_ = this;
  timer.deadline_ = deadline;
  deadline = std::max(deadline, not_before_);
  heap_.push_back({});
  sift_up(heap_.size() - 1, {deadline, &timer});
}

void TimerQueue::disarm(Timer& timer) {
  if (timer.queue_ != this) return;
  timer.queue_ = nullptr;
  const size_t index = timer.index_;
  const Entry last = heap_.back();
  heap_.pop_back();
  if (last.timer == &timer) return;
  if (index > 0 && last.deadline < heap_[(index - 1) / kArity].deadline)
    sift_up(index, last);
  else
    sift_down(index, last);
}

size_t TimerQueue::fire(Instant now) {
  // What is armed from here on for the past waits for the next call, behind
  // those that are due: otherwise it could keep this loop for ever, or them
  // from their turn.
  size_t fired = 0;
  not_before_ = now + Duration(1);
  while (!heap_.empty() && heap_.front().deadline <= now) {
    Timer* timer = heap_.front().timer;
    disarm(*timer);
    fired++;
    timer->on_timer();
  }
  not_before_ = Instant::min();
  return fired;
}

void Loop::run() {
  stopped_ = false;
  while (!stopped_) turn(Duration::max());
}

size_t Loop::run_queue() {
  running_ = true;
  size_t ran = 0;
  while (Work* work = queue_.pop_front()) {
    ran++;
    work->on_turn();
  }
  running_ = false;
  return ran;
}

}  // namespace molotov::io
