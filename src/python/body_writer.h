// The Python type `_engine.BodyWriter`: what a program writes a request's body
// to while it is sent, as aiohttp's StreamWriter.
#pragma once

#include <cstdint>
#include <optional>

#include "base/buffer.h"
#include "http/body_source.h"
#include "http/exchange.h"
#include "python/ref.h"
#include "python/waiter.h"

namespace molotov::python {

// What was written and is not sent yet.
class BodyQueue final : public http::BodySource {
 public:
  BodyQueue(Engine& engine, std::optional<uint64_t> size_bytes)
      : engine_(engine), size_bytes_(size_bytes) {}

  std::optional<uint64_t> size() const override { return size_bytes_; }
  Result<Next> fill(Buffer& out) override;
  // Nothing of what was sent is kept.
  bool rewind() override { return !begun_; }

  // The exchange that sends it, from its start() on.
  void attach(http::Exchange& exchange) { exchange_ = &exchange; }
  // Nothing is sent any more: whoever writes is cancelled. Runs no user code.
  void abandon();
  // The Python exception that the body could not be made with; may be nothing.
  const Ref& failure() const { return failure_; }
  // An asyncio task.
  void set_task(PyObject* task);

  void write(std::string_view bytes);
  void end();
  void fail(PyObject* exception);
  bool is_full() const;
  // Bytes that were written; and of those, the ones that the kernel has.
  uint64_t written_bytes() const { return written_bytes_; }
  uint64_t sent_bytes() const { return sent_bytes_; }
  bool is_abandoned() const { return abandoned_; }
  PyObject* park(Waiter& waiter, PyObject* self);
  int traverse(visitproc visit, void* arg) const;

 private:
  void send_on();
  void wake();
  void cancel_task();

  Engine& engine_;
  std::optional<uint64_t> size_bytes_;
  http::Exchange* exchange_ = nullptr;
  Buffer queued_;
  Ref failure_;
  Ref task_;
  IntrusiveList<Waiter> waiters_;
  uint64_t written_bytes_ = 0;
  uint64_t taken_bytes_ = 0;
  uint64_t sent_bytes_ = 0;
  bool begun_ = false;
  bool ended_ = false;
  bool abandoned_ = false;
};

// The queue of a BodyWriter; nullptr with a TypeError set where it is none.
BodyQueue* queue_of(PyObject* writer);
bool add_body_writer_types(PyObject* module);

}  // namespace molotov::python
