#include "python/waiter.h"

#include "python/awaitable.h"
#include "python/engine.h"
#include "python/worker.h"

namespace molotov::python {

PyObject* Waiter::park(Engine& engine, PyObject* self) {
  WorkerTask* const worker = engine.current_worker();
  // From 3.12 on an eager child of asyncio's may take its first step inside the
  // worker's.
  constexpr bool kEagerTasks = PY_VERSION_HEX >= 0x030C0000;
  if (worker && (!kEagerTasks || engine.is_current_task(worker->object()))) {
    worker->park_on(self, *this);
    worker_ = worker;
    return Py_NewRef(self);
  }
  if (!engine.asyncio_loop()) {
    PyErr_SetString(PyExc_RuntimeError, "no running event loop");
    return nullptr;
  }
  engine.enter();
  const Names& names = engine.names();
  future_ = Ref::steal(PyObject_CallMethodNoArgs(engine.asyncio_loop(),
                                                 names.create_future.get()));
  if (!future_ ||
      PyObject_SetAttr(future_.get(), names.future_blocking.get(), Py_True) < 0)
    return nullptr;
  return future_.new_ref();
}

void Waiter::wake(Engine& engine) {
  unlink();
  if (WorkerTask* worker = std::exchange(worker_, nullptr)) {
    worker->unpark();
    worker->wake();
  }
  if (!future_) return;
  const Ref future = std::move(future_);
  const Names& names = engine.names();
  engine.note_user_code();  // asyncio has a callback to run
  const Ref done =
      Ref::steal(PyObject_CallMethodNoArgs(future.get(), names.done.get()));
  if (done.get() == Py_True) return;
  const Ref set = Ref::steal(
      PyObject_CallMethodOneArg(future.get(), names.set_result.get(), Py_None));
  if (!set) PyErr_WriteUnraisable(future.get());
}

void Waiter::forget() {
  unlink();
  if (WorkerTask* worker = std::exchange(worker_, nullptr)) worker->unpark();
  future_.reset();
}

namespace {

struct ReadyObject {
  PyObject_HEAD PyObject* value;
};

PyTypeObject* ready_type = nullptr;
PyObject* ready_none = nullptr;  // one for all, since most are of None

PySendResult send_ready(PyObject* self, PyObject*, PyObject** result) {
  *result = Py_NewRef(reinterpret_cast<ReadyObject*>(self)->value);
  return PYGEN_RETURN;
}

void abandon_ready(PyObject*) {}

using Methods = Awaitable<send_ready, abandon_ready>;

void dealloc_ready(PyObject* self) {
  PyTypeObject* type = Py_TYPE(self);
  Py_XDECREF(reinterpret_cast<ReadyObject*>(self)->value);
  type->tp_free(self);
  Py_DECREF(type);
}

PyType_Slot ready_slots[] = {
    {Py_am_await, reinterpret_cast<void*>(Methods::await)},
    {Py_am_send, reinterpret_cast<void*>(send_ready)},
    {Py_tp_iter, reinterpret_cast<void*>(Methods::await)},
    {Py_tp_iternext, reinterpret_cast<void*>(Methods::next)},
    {Py_tp_dealloc, reinterpret_cast<void*>(dealloc_ready)},
    {0, nullptr}};

PyType_Spec ready_spec = {
    "molotov._engine.Ready", sizeof(ReadyObject), 0,
    Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION, ready_slots};

}  // namespace

PyObject* make_ready(PyObject* value) {
  if (!value) return nullptr;
  if (value == Py_None && ready_none) {
    Py_DECREF(value);
    return Py_NewRef(ready_none);
  }
  auto* ready = PyObject_New(ReadyObject, ready_type);
  if (ready)
    ready->value = value;
  else
    Py_DECREF(value);
  return reinterpret_cast<PyObject*>(ready);
}

bool add_ready_type(PyObject* module) {
  ready_type = add_type(module, ready_spec);
  if (!ready_type) return false;
  ready_none = make_ready(Py_NewRef(Py_None));
  return ready_none != nullptr;
}

}  // namespace molotov::python
