#include "python/waiter.h"

#include "python/engine.h"
#include "python/worker.h"

namespace molotov::python {

PyObject* Waiter::park(Engine& engine, PyObject* self) {
  WorkerTask* const worker = engine.current_worker();
  // An eager child of asyncio's takes its first step inside the worker's.
  if (worker && engine.is_current_task(worker->object())) {
    worker->park_on(self, *this);
    worker_ = worker;
    return Py_NewRef(self);
  }
  if (!engine.asyncio_loop()) {
    PyErr_SetString(PyExc_RuntimeError, "no running event loop");
    return nullptr;
  }
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

PyObject* result_of_send(PySendResult sent, PyObject* result) {
  if (sent != PYGEN_RETURN) return result;
  if (result == Py_None) {
    PyErr_SetNone(PyExc_StopIteration);
  } else {
    const Ref stop =
        Ref::steal(PyObject_CallOneArg(PyExc_StopIteration, result));
    if (stop) PyErr_SetObject(PyExc_StopIteration, stop.get());
  }
  Py_DECREF(result);
  return nullptr;
}

void raise_thrown(PyObject* type, PyObject* value) {
  PyObject* const exception = PyExceptionInstance_Check(type) ? type
                              : value && PyExceptionInstance_Check(value)
                                  ? value
                                  : nullptr;
  if (exception)
    PyErr_SetObject(PyExceptionInstance_Class(exception), exception);
  else
    PyErr_SetObject(type, value == Py_None ? nullptr : value);
}

namespace {

struct ReadyObject {
  PyObject_HEAD PyObject* value;
};

PyTypeObject* ready_type = nullptr;
PyObject* ready_none = nullptr;  // one for all, since most are of None

PyObject* await_ready(PyObject* self) {
  return Py_NewRef(self);
}

PySendResult send_ready(PyObject* self, PyObject*, PyObject** result) {
  *result = Py_NewRef(reinterpret_cast<ReadyObject*>(self)->value);
  return PYGEN_RETURN;
}

PyObject* next_ready(PyObject* self) {
  PyObject* result = nullptr;
  const PySendResult sent = send_ready(self, Py_None, &result);
  return result_of_send(sent, result);
}

void dealloc_ready(PyObject* self) {
  PyTypeObject* type = Py_TYPE(self);
  Py_XDECREF(reinterpret_cast<ReadyObject*>(self)->value);
  type->tp_free(self);
  Py_DECREF(type);
}

PyType_Slot ready_slots[] = {
    {Py_am_await, reinterpret_cast<void*>(await_ready)},
    {Py_am_send, reinterpret_cast<void*>(send_ready)},
    {Py_tp_iter, reinterpret_cast<void*>(await_ready)},
    {Py_tp_iternext, reinterpret_cast<void*>(next_ready)},
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
