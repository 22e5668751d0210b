// Who waits in an `await` of ours: a worker, which the engine steps by itself,
// or any asyncio task, through a future of asyncio's.
#pragma once

#include "base/intrusive_list.h"
#include "python/ref.h"

namespace molotov::python {

class Engine;
class WorkerTask;

class Waiter : public ListNode<> {
 public:
  Waiter() = default;
  ~Waiter() { forget(); }

  // Parks whoever runs, for the awaitable `self`: returns what `self` yields, a
  // new reference, or nullptr with a Python error set.
  PyObject* park(Engine& engine, PyObject* self);
  // What was waited for may be there. Runs no user code.
  void wake(Engine& engine);
  // Nobody waits any more.
  void forget();

 private:
  WorkerTask* worker_ = nullptr;
  Ref future_;
};

// An awaitable that is done at once with `value` (stolen). nullptr with a
// Python error set.
PyObject* make_ready(PyObject* value);
bool add_ready_type(PyObject* module);

}  // namespace molotov::python
