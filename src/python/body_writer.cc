#include "python/body_writer.h"

#include <algorithm>
#include <memory>
#include <new>

#include "python/awaitable.h"
#include "python/convert.h"
#include "python/engine.h"

namespace molotov::python {

namespace {

// Whoever writes waits while more than this is not sent, as under asyncio.
constexpr size_t kFullBytes = 64 * 1024;
// How much goes out as one chunk at most.
constexpr size_t kPieceBytes = 64 * 1024;
// For the end of a chunk, so that it does not have it all moved.
constexpr size_t kRoomBehindBytes = 16;

}  // namespace

Result<BodyQueue::Next> BodyQueue::fill(Buffer& out) {
  if (failure_)
    return molotov::fail(ErrorCode::invalid_argument, "the body failed");
  sent_bytes_ = taken_bytes_;  // it asks once the last piece is gone
  const std::string_view piece = queued_.view().substr(0, kPieceBytes);
  taken_bytes_ += piece.size();
  if (!piece.empty()) {
    begun_ = true;
    out.prepare(piece.size() + kRoomBehindBytes);
    out.append(piece);
    queued_.consume(piece.size());
    if (!is_full()) wake();
    return Next::more;
  }
  return ended_ ? Next::end : Next::wait;
}

void BodyQueue::write(std::string_view bytes) {
  queued_.append(bytes);
  written_bytes_ += bytes.size();
  send_on();
}

void BodyQueue::end() {
  ended_ = true;
  send_on();
}

void BodyQueue::fail(PyObject* exception) {
  failure_ = Ref::borrow(exception);
  send_on();
}

void BodyQueue::send_on() {
  if (!exchange_ || abandoned_) return;
  engine_.enter();
  exchange_->continue_body();
}

bool BodyQueue::is_full() const {
  return queued_.size() > kFullBytes && !abandoned_;
}

void BodyQueue::abandon() {
  exchange_ = nullptr;
  abandoned_ = true;
  wake();
  cancel_task();
}

void BodyQueue::set_task(PyObject* task) {
  task_ = Ref::borrow(task);
  if (abandoned_) cancel_task();
}

// It is over by itself where it has written all.
void BodyQueue::cancel_task() {
  const Ref task = std::move(task_);
  if (!task || ended_) return;
  const Ref cancelled = Ref::steal(
      PyObject_CallMethodNoArgs(task.get(), engine_.names().cancel.get()));
  if (!cancelled) PyErr_WriteUnraisable(task.get());
  engine_.note_user_code();  // asyncio has a task to step
}

void BodyQueue::wake() {
  while (Waiter* waiter = waiters_.front()) waiter->wake(engine_);
}

PyObject* BodyQueue::park(Waiter& waiter, PyObject* self) {
  PyObject* const yielded = waiter.park(engine_, self);
  if (yielded && !waiter.linked()) waiters_.push_back(waiter);
  return yielded;
}

int BodyQueue::traverse(visitproc visit, void* arg) const {
  Py_VISIT(failure_.get());
  Py_VISIT(task_.get());
  return 0;
}

namespace {

struct WriterObject {
  PyObject_HEAD PyObject* engine_object;
  BodyQueue* queue;  // owned; a plain pointer, so that offsetof holds
};

struct DrainObject {
  PyObject_HEAD PyObject* writer;
  Waiter waiter;
};

PyTypeObject* writer_type = nullptr;
PyTypeObject* drain_type = nullptr;

WriterObject* writer_of(PyObject* self) {
  return reinterpret_cast<WriterObject*>(self);
}

DrainObject* drain_of(PyObject* self) {
  return reinterpret_cast<DrainObject*>(self);
}

BodyQueue& queue_in(PyObject* self) {
  return *writer_of(self)->queue;
}

// As a transport that is closing.
void raise_closed(Engine& engine) {
  const Ref exception = Ref::steal(
      PyObject_CallFunction(engine.imports().error_from.get(), "ssi", "reset",
                            "Cannot write to closing transport", 0));
  if (exception)
    PyErr_SetObject(reinterpret_cast<PyObject*>(Py_TYPE(exception.get())),
                    exception.get());
}

PySendResult send_drain(PyObject* self, PyObject*, PyObject** result) {
  DrainObject* const drain = drain_of(self);
  BodyQueue& queue = queue_in(drain->writer);
  *result = nullptr;
  if (queue.is_abandoned()) {
    raise_closed(*engine_of(writer_of(drain->writer)->engine_object));
    return PYGEN_ERROR;
  }
  if (!queue.is_full()) {
    *result = Py_NewRef(Py_None);
    return PYGEN_RETURN;
  }
  *result = queue.park(drain->waiter, self);
  return *result ? PYGEN_NEXT : PYGEN_ERROR;
}

void abandon_drain(PyObject* self) {
  drain_of(self)->waiter.forget();
}

using Drain = Awaitable<send_drain, abandon_drain>;

int traverse_drain(PyObject* self, visitproc visit, void* arg) {
  Py_VISIT(Py_TYPE(self));
  Py_VISIT(drain_of(self)->writer);
  return 0;
}

void dealloc_drain(PyObject* self) {
  PyTypeObject* const type = Py_TYPE(self);
  PyObject_GC_UnTrack(self);
  drain_of(self)->waiter.~Waiter();
  Py_XDECREF(drain_of(self)->writer);
  type->tp_free(self);
  Py_DECREF(type);
}

PyObject* drain(PyObject* self, PyObject*) {
  DrainObject* const made = PyObject_GC_New(DrainObject, drain_type);
  if (!made) return nullptr;
  made->writer = Py_NewRef(self);
  new (&made->waiter) Waiter();
  PyObject_GC_Track(made);
  return reinterpret_cast<PyObject*>(made);
}

// BodyWriter(engine, size_bytes)
PyObject* make(PyTypeObject* type, PyObject* args, PyObject*) {
  PyObject *engine_object, *size;
  if (!PyArg_ParseTuple(args, "OO:BodyWriter", &engine_object, &size))
    return nullptr;
  Engine* const engine = engine_of(engine_object);
  if (!engine) return nullptr;
  std::optional<uint64_t> size_bytes;
  if (size != Py_None) {
    size_bytes = PyLong_AsUnsignedLongLong(size);
    if (PyErr_Occurred()) return nullptr;
  }
  PyObject* const self = type->tp_alloc(type, 0);
  if (!self) return nullptr;
  writer_of(self)->engine_object = Py_NewRef(engine_object);
  writer_of(self)->queue =
      std::make_unique<BodyQueue>(*engine, size_bytes).release();
  return self;
}

PyObject* write(PyObject* self, PyObject* data) {
  Py_buffer bytes;
  if (PyObject_GetBuffer(data, &bytes, PyBUF_SIMPLE) < 0) return nullptr;
  queue_in(self).write(
      {static_cast<const char*>(bytes.buf), static_cast<size_t>(bytes.len)});
  PyBuffer_Release(&bytes);
  return drain(self, nullptr);
}

PyObject* end(PyObject* self, PyObject*) {
  queue_in(self).end();
  Py_RETURN_NONE;
}

PyObject* fail_with(PyObject* self, PyObject* exception) {
  queue_in(self).fail(exception);
  Py_RETURN_NONE;
}

PyObject* set_task(PyObject* self, PyObject* task) {
  queue_in(self).set_task(task);
  Py_RETURN_NONE;
}

template <uint64_t (BodyQueue::*kCount)() const>
PyObject* count(PyObject* self, void*) {
  return PyLong_FromUnsignedLongLong((queue_in(self).*kCount)());
}

int traverse_writer(PyObject* self, visitproc visit, void* arg) {
  Py_VISIT(Py_TYPE(self));
  Py_VISIT(writer_of(self)->engine_object);
  return writer_of(self)->queue ? queue_in(self).traverse(visit, arg) : 0;
}

void dealloc_writer(PyObject* self) {
  PyTypeObject* const type = Py_TYPE(self);
  PyObject_GC_UnTrack(self);
  std::unique_ptr<BodyQueue>(writer_of(self)->queue).reset();
  Py_XDECREF(writer_of(self)->engine_object);
  type->tp_free(self);
  Py_DECREF(type);
}

PyType_Slot drain_slots[] = {
    {Py_am_await, reinterpret_cast<void*>(Drain::await)},
    {Py_am_send, reinterpret_cast<void*>(send_drain)},
    {Py_tp_iter, reinterpret_cast<void*>(Drain::await)},
    {Py_tp_iternext, reinterpret_cast<void*>(Drain::next)},
    {Py_tp_dealloc, reinterpret_cast<void*>(dealloc_drain)},
    {Py_tp_traverse, reinterpret_cast<void*>(traverse_drain)},
    {Py_tp_methods, Drain::methods},
    {0, nullptr}};

PyType_Spec drain_spec = {
    "molotov._engine.Drain", sizeof(DrainObject), 0,
    Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    drain_slots};

PyMethodDef writer_methods[] = {
    {"write", write, METH_O,
     "write(bytes): await it, so that the server can keep up."},
    {"drain", drain, METH_NOARGS, "Waits until most of it was sent."},
    {"_end", end, METH_NOARGS, nullptr},
    {"_fail", fail_with, METH_O, nullptr},
    {"_set_task", set_task, METH_O, nullptr},
    {nullptr, nullptr, 0, nullptr}};

PyGetSetDef writer_attributes[] = {
    {"_written", count<&BodyQueue::written_bytes>, nullptr, nullptr, nullptr},
    {"_sent", count<&BodyQueue::sent_bytes>, nullptr, nullptr, nullptr},
    {nullptr, nullptr, nullptr, nullptr, nullptr}};

PyType_Slot writer_slots[] = {
    {Py_tp_doc, const_cast<char*>(
                    "What a request's body is written to while it is sent.")},
    {Py_tp_new, reinterpret_cast<void*>(make)},
    {Py_tp_dealloc, reinterpret_cast<void*>(dealloc_writer)},
    {Py_tp_traverse, reinterpret_cast<void*>(traverse_writer)},
    {Py_tp_methods, writer_methods},
    {Py_tp_getset, writer_attributes},
    {0, nullptr}};

PyType_Spec writer_spec = {"molotov._engine.BodyWriter", sizeof(WriterObject),
                           0, Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
                           writer_slots};

}  // namespace

BodyQueue* queue_of(PyObject* writer) {
  if (Py_TYPE(writer) == writer_type && writer_of(writer)->queue)
    return writer_of(writer)->queue;
  PyErr_SetString(PyExc_TypeError, "not a BodyWriter");
  return nullptr;
}

bool add_body_writer_types(PyObject* module) {
  writer_type = add_type(module, writer_spec);
  drain_type = add_type(module, drain_spec);
  return writer_type && drain_type;
}

}  // namespace molotov::python
