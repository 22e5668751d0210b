#include "python/telling.h"

#include <new>

#include "python/awaitable.h"
#include "python/event_sender.h"
#include "python/spares.h"

namespace molotov::python {

namespace {

struct TellingObject {
  PyObject_HEAD PyObject* sender;
  PyObject* arguments;  // a tuple: the event's name and the keywords' values
  PyObject* keywords;   // a tuple of their names, or nullptr
  Round round;
};

PyTypeObject* telling_type = nullptr;
PyObject* print_error_name = nullptr;
Spares<TellingObject> spares;

TellingObject* object_of(PyObject* self) {
  return reinterpret_cast<TellingObject*>(self);
}

// The listener has raised: prints it, and all is well; false for what is not
// an Exception, or when it cannot be printed.
bool print_raised(PyObject* printer) {
  if (!PyErr_ExceptionMatches(PyExc_Exception)) return false;
  const Ref raised = take_raised();
  const Ref printed = Ref::steal(
      PyObject_CallMethodOneArg(printer, print_error_name, raised.get()));
  return static_cast<bool>(printed);
}

}  // namespace

// Calls the next listener and takes its first step.
PySendResult Round::call_next(const Audience& audience,
                              PyObject* const* arguments, PyObject* keywords,
                              PyObject** result) {
  const Ref listener =
      Ref::borrow(PyList_GET_ITEM(audience.listeners, next_++));
  Ref answer =
      Ref::steal(PyObject_Vectorcall(listener.get(), arguments, 1, keywords));
  if (!answer) return PYGEN_ERROR;
  if (answer.get() == Py_None) {
    *result = answer.release();
    return PYGEN_RETURN;
  }
  const Ref waited_for = await_iterator(std::move(answer));
  if (!waited_for) return PYGEN_ERROR;
  const PySendResult sent = PyIter_Send(waited_for.get(), Py_None, result);
  if (sent == PYGEN_NEXT) waited_for_ = Ref::borrow(waited_for.get());
  return sent;
}

// From how the step of a listener has ended.
PySendResult Round::go_on(const Audience& audience, PyObject* const* arguments,
                          PyObject* keywords, PySendResult sent,
                          PyObject** result) {
  while (sent != PYGEN_NEXT) {
    Py_CLEAR(*result);
    if (sent == PYGEN_ERROR && !print_raised(audience.printer))
      return PYGEN_ERROR;
    if (next_ >= PyList_GET_SIZE(audience.listeners)) return PYGEN_RETURN;
    sent = call_next(audience, arguments, keywords, result);
  }
  return PYGEN_NEXT;
}

PySendResult Round::send(const Audience& audience, PyObject* const* arguments,
                         PyObject* keywords, PyObject* value,
                         PyObject** result) {
  *result = nullptr;
  PySendResult sent = PYGEN_RETURN;
  if (waited_for_) {
    const Ref waited_for = Ref::borrow(waited_for_.get());
    sent = PyIter_Send(waited_for.get(), value, result);
    if (sent != PYGEN_NEXT) waited_for_.reset();
  }
  return go_on(audience, arguments, keywords, sent, result);
}

PySendResult Round::throw_(const Audience& audience, PyObject* const* arguments,
                           PyObject* keywords, PyObject* thrown,
                           PyObject** result) {
  *result = nullptr;
  if (!waited_for_) {
    raise_thrown(thrown);
    return PYGEN_ERROR;
  }
  const Ref waited_for = Ref::borrow(waited_for_.get());
  const PySendResult sent = throw_into(waited_for.get(), thrown, result);
  if (sent != PYGEN_NEXT) waited_for_.reset();
  return go_on(audience, arguments, keywords, sent, result);
}

bool Round::close() {
  next_ = PY_SSIZE_T_MAX;
  const Ref waited_for = std::move(waited_for_);
  return !waited_for || close_iterator(waited_for.get());
}

namespace {

PyObject* const* arguments_of(const TellingObject* telling) {
  return &PyTuple_GET_ITEM(telling->arguments, 0);
}

PySendResult send(PyObject* self, PyObject* value, PyObject** result) {
  TellingObject* telling = object_of(self);
  const PySendResult sent =
      telling->round.send(audience_of(telling->sender), arguments_of(telling),
                          telling->keywords, value, result);
  if (sent == PYGEN_RETURN) *result = Py_NewRef(Py_None);
  return sent;
}

void abandon(PyObject*) {}

using Methods = Awaitable<send, abandon>;

PyObject* throw_method(PyObject* self, PyObject* thrown) {
  TellingObject* telling = object_of(self);
  PyObject* result;
  const PySendResult sent =
      telling->round.throw_(audience_of(telling->sender), arguments_of(telling),
                            telling->keywords, thrown, &result);
  if (sent == PYGEN_RETURN) result = Py_NewRef(Py_None);
  return result_of_send(sent, result);
}

PyObject* close(PyObject* self, PyObject*) {
  if (!object_of(self)->round.close()) return nullptr;
  Py_RETURN_NONE;
}

int traverse(PyObject* self, visitproc visit, void* arg) {
  Py_VISIT(Py_TYPE(self));
  Py_VISIT(object_of(self)->sender);
  Py_VISIT(object_of(self)->arguments);
  return object_of(self)->round.traverse(visit, arg);
}

void dealloc(PyObject* self) {
  PyObject_GC_UnTrack(self);
  TellingObject* telling = object_of(self);
  telling->round.~Round();
  Py_CLEAR(telling->keywords);
  Py_CLEAR(telling->arguments);
  Py_CLEAR(telling->sender);
  spares.give_back(telling);
}

PyMethodDef methods[] = {{"send", Methods::send, METH_O, nullptr},
                         {"throw", throw_method, METH_VARARGS, nullptr},
                         {"close", close, METH_NOARGS, nullptr},
                         {nullptr, nullptr, 0, nullptr}};

PyType_Slot slots[] = {
    {Py_tp_doc, const_cast<char*>("An event for all listeners: await it.")},
    {Py_am_await, reinterpret_cast<void*>(Methods::await)},
    {Py_am_send, reinterpret_cast<void*>(send)},
    {Py_tp_iter, reinterpret_cast<void*>(Methods::await)},
    {Py_tp_iternext, reinterpret_cast<void*>(Methods::next)},
    {Py_tp_dealloc, reinterpret_cast<void*>(dealloc)},
    {Py_tp_traverse, reinterpret_cast<void*>(traverse)},
    {Py_tp_methods, methods},
    {0, nullptr}};

PyType_Spec spec = {
    "molotov._engine.Telling", sizeof(TellingObject), 0,
    Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    slots};

}  // namespace

PyObject* make_telling(PyObject* sender, PyObject* const* arguments,
                       PyObject* keywords, Round round) {
  const Py_ssize_t all = 1 + (keywords ? PyTuple_GET_SIZE(keywords) : 0);
  Ref kept = Ref::steal(PyTuple_New(all));
  if (!kept) return nullptr;
  for (Py_ssize_t i = 0; i < all; ++i)
    PyTuple_SET_ITEM(kept.get(), i, Py_NewRef(arguments[i]));
  TellingObject* telling = spares.take(telling_type);
  if (!telling) return nullptr;
  telling->sender = Py_NewRef(sender);
  telling->arguments = kept.release();
  telling->keywords = Py_XNewRef(keywords);
  new (&telling->round) Round(std::move(round));
  PyObject_GC_Track(telling);
  return reinterpret_cast<PyObject*>(telling);
}

PySendResult tell(PyObject* sender, PyObject* const* arguments,
                  PyObject* keywords, Ref& telling, PyObject** result) {
  Round round;
  const PySendResult sent =
      round.send(audience_of(sender), arguments, keywords, Py_None, result);
  if (sent != PYGEN_NEXT) return sent;
  telling.reset(make_telling(sender, arguments, keywords, std::move(round)));
  if (telling) return PYGEN_NEXT;
  Py_CLEAR(*result);
  return PYGEN_ERROR;
}

PyObject* keyword_names(std::initializer_list<const char*> names) {
  Ref tuple = Ref::steal(PyTuple_New(static_cast<Py_ssize_t>(names.size())));
  Py_ssize_t at = 0;
  for (const char* name : names) {
    PyObject* const text = tuple ? PyUnicode_InternFromString(name) : nullptr;
    if (!text) return nullptr;
    PyTuple_SET_ITEM(tuple.get(), at++, text);
  }
  return tuple.release();
}

bool add_telling_type(PyObject* module) {
  telling_type = add_type(module, spec);
  print_error_name = PyUnicode_InternFromString("print_error");
  return telling_type && print_error_name;
}

}  // namespace molotov::python
