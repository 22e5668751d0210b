#include "python/task_object.h"

#include <cstddef>

#include "python/engine.h"
#include "python/worker.h"

namespace molotov::python {

namespace {

struct TaskObject {
  PyObject_HEAD WorkerTask* worker;  // nullptr once it has ended
  PyObject* loop;
  PyObject* name;
  PyObject* callbacks;  // a list of (function, context), or nullptr
  PyObject* weak_references;
};

TaskObject* task_of(PyObject* self) {
  return reinterpret_cast<TaskObject*>(self);
}

WorkerTask* worker_of(PyObject* self) {
  return task_of(self)->worker;
}

PyObject* cancel(PyObject* self, PyObject* args, PyObject* keywords) {
  static const char* names[] = {"msg", nullptr};
  PyObject* message = nullptr;
  if (!PyArg_ParseTupleAndKeywords(args, keywords, "|O:cancel",
                                   const_cast<char**>(names), &message))
    return nullptr;
  WorkerTask* worker = worker_of(self);
  return PyBool_FromLong(
      worker && worker->request_cancel(message == Py_None ? nullptr : message));
}

PyObject* uncancel(PyObject* self, PyObject*) {
  WorkerTask* worker = worker_of(self);
  return PyLong_FromLong(worker ? worker->uncancel() : 0);
}

PyObject* cancelling(PyObject* self, PyObject*) {
  WorkerTask* worker = worker_of(self);
  return PyLong_FromLong(worker ? worker->cancelling() : 0);
}

PyObject* done(PyObject* self, PyObject*) {
  return PyBool_FromLong(!worker_of(self));
}

PyObject* cancelled(PyObject*, PyObject*) {
  Py_RETURN_FALSE;
}

// result() and exception(): a worker's end has neither.
PyObject* result(PyObject* self, PyObject*) {
  if (!worker_of(self)) Py_RETURN_NONE;
  const Ref asyncio = Ref::steal(PyImport_ImportModule("asyncio"));
  if (!asyncio) return nullptr;
  const Ref type =
      Ref::steal(PyObject_GetAttrString(asyncio.get(), "InvalidStateError"));
  if (type) PyErr_SetString(type.get(), "the worker has not ended");
  return nullptr;
}

PyObject* get_coro(PyObject* self, PyObject*) {
  WorkerTask* worker = worker_of(self);
  PyObject* coroutine = worker ? worker->coroutine() : nullptr;
  return Py_NewRef(coroutine ? coroutine : Py_None);
}

PyObject* get_context(PyObject* self, PyObject*) {
  WorkerTask* worker = worker_of(self);
  return Py_NewRef(worker ? worker->context() : Py_None);
}

PyObject* get_name(PyObject* self, PyObject*) {
  return Py_NewRef(task_of(self)->name);
}

PyObject* set_name(PyObject* self, PyObject* name) {
  PyObject* text = PyObject_Str(name);
  if (!text) return nullptr;
  Py_SETREF(task_of(self)->name, text);
  Py_RETURN_NONE;
}

PyObject* get_loop(PyObject* self, PyObject*) {
  return Py_NewRef(task_of(self)->loop);
}

PyObject* get_stack(PyObject*, PyObject*, PyObject*) {
  return PyList_New(0);
}

bool call_soon(PyObject* self, PyObject* function, PyObject* context) {
  const Ref method =
      Ref::steal(PyObject_GetAttrString(task_of(self)->loop, "call_soon"));
  const Ref arguments = Ref::steal(PyTuple_Pack(2, function, self));
  const Ref keywords = Ref::steal(PyDict_New());
  if (!method || !arguments || !keywords) return false;
  if (PyDict_SetItemString(keywords.get(), "context", context) < 0)
    return false;
  const Ref handle =
      Ref::steal(PyObject_Call(method.get(), arguments.get(), keywords.get()));
  return bool(handle);
}

PyObject* add_done_callback(PyObject* self, PyObject* args,
                            PyObject* keywords) {
  static const char* names[] = {"", "context", nullptr};
  PyObject *function, *context = Py_None;
  if (!PyArg_ParseTupleAndKeywords(args, keywords, "O|$O:add_done_callback",
                                   const_cast<char**>(names), &function,
                                   &context))
    return nullptr;
  const Ref used = context == Py_None ? Ref::steal(PyContext_CopyCurrent())
                                      : Ref::borrow(context);
  if (!used) return nullptr;
  if (!worker_of(self)) {
    if (!call_soon(self, function, used.get())) return nullptr;
    Py_RETURN_NONE;
  }
  PyObject*& callbacks = task_of(self)->callbacks;
  if (!callbacks && !(callbacks = PyList_New(0))) return nullptr;
  const Ref pair = Ref::steal(PyTuple_Pack(2, function, used.get()));
  if (!pair || PyList_Append(callbacks, pair.get()) < 0) return nullptr;
  Py_RETURN_NONE;
}

PyObject* remove_done_callback(PyObject* self, PyObject* function) {
  PyObject* callbacks = task_of(self)->callbacks;
  long removed = 0;
  for (Py_ssize_t i = callbacks ? PyList_GET_SIZE(callbacks) : 0; i-- > 0;) {
    const int same = PyObject_RichCompareBool(
        PyTuple_GET_ITEM(PyList_GET_ITEM(callbacks, i), 0), function, Py_EQ);
    if (same < 0) return nullptr;
    if (same && PyList_SetSlice(callbacks, i, i + 1, nullptr) < 0)
      return nullptr;
    removed += same;
  }
  return PyLong_FromLong(removed);
}

// What a future that the worker waits for calls when it is done.
PyObject* wakeup(PyObject* self, PyObject*) {
  if (WorkerTask* worker = worker_of(self)) worker->wake();
  Py_RETURN_NONE;
}

PyObject* get_must_cancel(PyObject* self, void*) {
  WorkerTask* worker = worker_of(self);
  return PyBool_FromLong(worker && worker->must_cancel());
}

PyObject* get_future_waited_for(PyObject* self, void*) {
  WorkerTask* worker = worker_of(self);
  PyObject* future = worker ? worker->future_waited_for() : nullptr;
  return Py_NewRef(future ? future : Py_None);
}

// Never True: what a worker's coroutine yields is a future of its own.
PyObject* get_future_blocking(PyObject*, void*) {
  Py_RETURN_FALSE;
}

PyObject* await(PyObject* self) {
  const Ref internals =
      Ref::steal(PyImport_ImportModule("molotov._asyncio_internals"));
  if (!internals) return nullptr;
  return PyObject_CallMethod(internals.get(), "wait_for_worker", "O", self);
}

PyObject* get_worker_id(PyObject* self, void*) {
  WorkerTask* worker = worker_of(self);
  if (!worker) Py_RETURN_NONE;
  return PyLong_FromLong(worker->worker_id());
}

PyObject* get_step(PyObject* self, void*) {
  WorkerTask* worker = worker_of(self);
  const int64_t step = worker ? worker->step() : 0;
  if (step == 0) Py_RETURN_NONE;
  return PyLong_FromLongLong(step);
}

// Names of a Task's that anyio reads.
PyObject* get_loop_attribute(PyObject* self, void*) {
  return Py_NewRef(task_of(self)->loop);
}

PyObject* get_callbacks(PyObject* self, void*) {
  PyObject* callbacks = task_of(self)->callbacks;
  return Py_NewRef(callbacks ? callbacks : Py_None);
}

PyObject* repr(PyObject* self) {
  return PyUnicode_FromFormat("<Worker %S %s>", task_of(self)->name,
                              worker_of(self) ? "pending" : "finished");
}

int traverse(PyObject* self, visitproc visit, void* arg) {
  TaskObject* task = task_of(self);
  Py_VISIT(Py_TYPE(self));
  Py_VISIT(task->loop);
  Py_VISIT(task->callbacks);
  return task->worker ? task->worker->traverse(visit, arg) : 0;
}

int clear(PyObject* self) {
  Py_CLEAR(task_of(self)->loop);
  Py_CLEAR(task_of(self)->callbacks);
  return 0;
}

void dealloc(PyObject* self) {
  TaskObject* task = task_of(self);
  PyTypeObject* type = Py_TYPE(self);
  PyObject_GC_UnTrack(self);
  if (task->weak_references) PyObject_ClearWeakRefs(self);
  clear(self);
  Py_CLEAR(task->name);
  type->tp_free(self);
  Py_DECREF(type);
}

PyMethodDef methods[] = {
    {"cancel", as_method(cancel), METH_VARARGS | METH_KEYWORDS, nullptr},
    {"uncancel", uncancel, METH_NOARGS, nullptr},
    {"cancelling", cancelling, METH_NOARGS, nullptr},
    {"cancelled", cancelled, METH_NOARGS, nullptr},
    {"done", done, METH_NOARGS, nullptr},
    {"result", result, METH_NOARGS, nullptr},
    {"exception", result, METH_NOARGS, nullptr},
    {"get_coro", get_coro, METH_NOARGS, nullptr},
    {"get_context", get_context, METH_NOARGS, nullptr},
    {"get_name", get_name, METH_NOARGS, nullptr},
    {"set_name", set_name, METH_O, nullptr},
    {"get_loop", get_loop, METH_NOARGS, nullptr},
    {"get_stack", as_method(get_stack), METH_VARARGS | METH_KEYWORDS, nullptr},
    {"add_done_callback", as_method(add_done_callback),
     METH_VARARGS | METH_KEYWORDS, nullptr},
    {"remove_done_callback", remove_done_callback, METH_O, nullptr},
    {"_wakeup", wakeup, METH_O, nullptr},
    {nullptr, nullptr, 0, nullptr}};

PyGetSetDef attributes[] = {
    {"worker_id", get_worker_id, nullptr, nullptr, nullptr},
    {"step", get_step, nullptr, nullptr, nullptr},
    {"_asyncio_future_blocking", get_future_blocking, nullptr, nullptr,
     nullptr},
    {"_loop", get_loop_attribute, nullptr, nullptr, nullptr},
    {"_callbacks", get_callbacks, nullptr, nullptr, nullptr},
    {"_must_cancel", get_must_cancel, nullptr, nullptr, nullptr},
    {"_fut_waiter", get_future_waited_for, nullptr, nullptr, nullptr},
    {nullptr, nullptr, nullptr, nullptr, nullptr}};

PyMemberDef members[] = {
    {"__weaklistoffset__", kPySsizeT, offsetof(TaskObject, weak_references),
     kReadOnly, nullptr},
    {nullptr, 0, 0, 0, nullptr}};

PyType_Slot slots[] = {
    {Py_tp_doc, const_cast<char*>("A worker, as the current asyncio task.")},
    {Py_tp_repr, reinterpret_cast<void*>(repr)},
    {Py_am_await, reinterpret_cast<void*>(await)},
    {Py_tp_dealloc, reinterpret_cast<void*>(dealloc)},
    {Py_tp_traverse, reinterpret_cast<void*>(traverse)},
    {Py_tp_clear, reinterpret_cast<void*>(clear)},
    {Py_tp_methods, methods},
    {Py_tp_getset, attributes},
    {Py_tp_members, members},
    {0, nullptr}};

PyType_Spec spec = {
    "molotov._engine.Worker", sizeof(TaskObject), 0,
    Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    slots};

PyTypeObject* task_type = nullptr;

}  // namespace

PyObject* make_task_object(WorkerTask& worker) {
  TaskObject* task = PyObject_GC_New(TaskObject, task_type);
  if (!task) return nullptr;
  task->worker = &worker;
  task->loop = Py_NewRef(worker.engine().asyncio_loop());
  task->name = PyUnicode_FromFormat("worker-%d", worker.worker_id());
  task->callbacks = nullptr;
  task->weak_references = nullptr;
  PyObject_GC_Track(task);
  return reinterpret_cast<PyObject*>(task);
}

void detach_task_object(PyObject* object) {
  TaskObject* task = task_of(object);
  task->worker = nullptr;
  const Ref callbacks = Ref::steal(std::exchange(task->callbacks, nullptr));
  const Py_ssize_t count = callbacks ? PyList_GET_SIZE(callbacks.get()) : 0;
  for (Py_ssize_t i = 0; i < count; i++) {
    PyObject* pair = PyList_GET_ITEM(callbacks.get(), i);
    if (!call_soon(object, PyTuple_GET_ITEM(pair, 0),
                   PyTuple_GET_ITEM(pair, 1)))
      PyErr_WriteUnraisable(object);
  }
}

bool add_task_type(PyObject* module) {
  task_type = add_type(module, spec);
  return task_type != nullptr;
}

}  // namespace molotov::python
