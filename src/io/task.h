// Task<T>: a coroutine that computes a T, for what happens seldom (connecting,
// setting up). It starts when it is awaited or start()ed, and resumes whoever
// awaits it by symmetric transfer, so a loop of any number of co_awaits uses no
// stack.
//
// Cancellation is destruction: destroying a Task destroys its frame, whose
// locals (timers, watches, inner tasks) take themselves back. So every
// awaitable here must be destroyable while it is awaited.
#pragma once

#include <coroutine>
#include <cstdlib>
#include <optional>
#include <utility>

#include "base/check.h"
#include "io/loop.h"

namespace molotov::io {

template <typename T = void>
class [[nodiscard]] Task;

namespace detail {

class PromiseBase {
 public:
  std::suspend_always initial_suspend() noexcept { return {}; }
  auto final_suspend() noexcept {
    struct Transfer {
      bool await_ready() noexcept { return false; }
      std::coroutine_handle<> await_suspend(std::coroutine_handle<>) noexcept {
        return to;
      }
      void await_resume() noexcept {}
      std::coroutine_handle<> to;
    };
    return Transfer{continuation_};
  }
  // The engine is built without exceptions.
  void unhandled_exception() noexcept { std::abort(); }
  void set_continuation(std::coroutine_handle<> next) { continuation_ = next; }

 private:
  std::coroutine_handle<> continuation_ = std::noop_coroutine();
};

template <typename T>
class Promise : public PromiseBase {
 public:
  Task<T> get_return_object();
  template <typename U>
  void return_value(U&& value) {
    value_.emplace(std::forward<U>(value));
  }
  T take() { return std::move(*value_); }

 private:
  std::optional<T> value_;
};

template <>
class Promise<void> : public PromiseBase {
 public:
  Task<void> get_return_object();
  void return_void() {}
  void take() {}
};

}  // namespace detail

template <typename T>
class [[nodiscard]] Task {
 public:
  using promise_type = detail::Promise<T>;

  Task() = default;
  explicit Task(std::coroutine_handle<promise_type> handle) : handle_(handle) {}
  Task(Task&& other) noexcept : handle_(std::exchange(other.handle_, {})) {}
  Task& operator=(Task&& other) noexcept {
    std::swap(handle_, other.handle_);
    return *this;
  }
  // Cancels it, if it has not finished.
  ~Task() {
    if (handle_) handle_.destroy();
  }

  explicit operator bool() const { return bool(handle_); }
  bool done() const { return handle_ && handle_.done(); }

  // Runs it to its first suspension, with nobody awaiting it.
  // REQUIRES: not started yet.
  void start() { handle_.resume(); }
  // REQUIRES: done().
  T result() { return handle_.promise().take(); }

  auto operator co_await() && {
    struct Awaiter {
      bool await_ready() const { return false; }
      std::coroutine_handle<> await_suspend(std::coroutine_handle<> awaiting) {
        handle.promise().set_continuation(awaiting);
        return handle;
      }
      T await_resume() { return handle.promise().take(); }
      std::coroutine_handle<promise_type> handle;
    };
    CHECK(handle_);
    return Awaiter{handle_};
  }

 private:
  std::coroutine_handle<promise_type> handle_;
};

namespace detail {

template <typename T>
Task<T> Promise<T>::get_return_object() {
  return Task<T>(std::coroutine_handle<Promise<T>>::from_promise(*this));
}

inline Task<void> Promise<void>::get_return_object() {
  return Task<void>(std::coroutine_handle<Promise<void>>::from_promise(*this));
}

}  // namespace detail

// `co_await sleep_until(loop, deadline)`.
class SleepUntil final : private Timer {
 public:
  SleepUntil(Loop& loop, Instant deadline) : loop_(loop), until_(deadline) {}
  bool await_ready() const { return false; }
  void await_suspend(std::coroutine_handle<> awaiting) {
    awaiting_ = awaiting;
    loop_.arm(*this, until_);
  }
  void await_resume() const {}

 private:
  void on_timer() override { awaiting_.resume(); }

  Loop& loop_;
  Instant until_;
  std::coroutine_handle<> awaiting_;
};

inline SleepUntil sleep_until(Loop& loop, Instant deadline) {
  return {loop, deadline};
}
inline SleepUntil sleep_for(Loop& loop, Duration span) {
  return {loop, loop.now() + span};
}

// A value that one side sets and one coroutine awaits. Setting it resumes the
// awaiting coroutine at once, so call set() as the last thing.
template <typename T>
class Completion {
 public:
  Completion() = default;
  Completion(const Completion&) = delete;
  Completion& operator=(const Completion&) = delete;

  bool is_set() const { return value_.has_value(); }
  void set(T value) {
    CHECK(!value_);
    value_.emplace(std::move(value));
    if (awaiting_) std::exchange(awaiting_, {}).resume();
  }

  auto operator co_await() {
    struct Awaiter {
      // A frame destroyed while it awaits must not be resumed.
      ~Awaiter() { completion.awaiting_ = {}; }
      bool await_ready() const { return completion.is_set(); }
      void await_suspend(std::coroutine_handle<> awaiting) {
        completion.awaiting_ = awaiting;
      }
      T await_resume() { return std::move(*completion.value_); }
      Completion& completion;
    };
    return Awaiter{*this};
  }

 private:
  std::optional<T> value_;
  std::coroutine_handle<> awaiting_;
};

}  // namespace molotov::io
