#include "python/event_sender.h"

#include <cstddef>

#include "python/awaitable.h"
#include "python/spares.h"

namespace molotov::python {

namespace {

// printer: has print_error(error); listeners: a list, to which more may be
// added at any time.
struct SenderObject {
  PyObject_HEAD PyObject* printer;
  PyObject* listeners;
};

// One event on its way: what send_event() gives, to be awaited.
struct TellingObject {
  PyObject_HEAD PyObject* sender;
  PyObject* arguments;   // a tuple: the event's name and the keywords' values
  PyObject* keywords;    // a tuple of their names, or nullptr
  PyObject* waited_for;  // by the listener that is being told
  Py_ssize_t next;       // listener to tell
};

PyTypeObject* telling_type = nullptr;
PyObject* print_error_name = nullptr;
Spares<TellingObject> spares;

SenderObject* sender_of(PyObject* self) {
  return reinterpret_cast<SenderObject*>(self);
}

TellingObject* object_of(PyObject* self) {
  return reinterpret_cast<TellingObject*>(self);
}

// The listener has raised: prints it, and all is well; false for what is not
// an Exception, or when it cannot be printed.
bool print_raised(TellingObject* telling) {
  if (!PyErr_ExceptionMatches(PyExc_Exception)) return false;
  const Ref raised = take_raised();
  const Ref printed = Ref::steal(PyObject_CallMethodOneArg(
      sender_of(telling->sender)->printer, print_error_name, raised.get()));
  return static_cast<bool>(printed);
}

bool is_generator_coroutine(PyObject* answer) {
  if (!PyGen_CheckExact(answer)) return false;
  const Ref code = Ref::steal(PyObject_GetAttrString(answer, "gi_code"));
  if (!code) PyErr_Clear();
  return code && (reinterpret_cast<PyCodeObject*>(code.get())->co_flags &
                  CO_ITERABLE_COROUTINE) != 0;
}

// What `await` iterates over; nothing with a Python error set.
Ref iterator_of(Ref answer) {
  if (PyCoro_CheckExact(answer.get()) || is_generator_coroutine(answer.get()))
    return answer;
  const PyAsyncMethods* methods = Py_TYPE(answer.get())->tp_as_async;
  if (methods && methods->am_await)
    return Ref::steal(methods->am_await(answer.get()));
  PyErr_Format(PyExc_TypeError,
               "object %.100s can't be used in 'await' expression",
               Py_TYPE(answer.get())->tp_name);
  return {};
}

// Calls the next listener. False with a Python error set.
bool call_next(TellingObject* telling) {
  PyObject* listeners = sender_of(telling->sender)->listeners;
  const Ref listener = Ref::borrow(PyList_GET_ITEM(listeners, telling->next++));
  Ref answer = Ref::steal(PyObject_Vectorcall(
      listener.get(), &PyTuple_GET_ITEM(telling->arguments, 0), 1,
      telling->keywords));
  if (!answer) return false;
  if (answer.get() == Py_None) return true;
  Ref waited_for = iterator_of(std::move(answer));
  telling->waited_for = waited_for.release();
  return telling->waited_for != nullptr;
}

PySendResult send(PyObject* self, PyObject* value, PyObject** result) {
  TellingObject* telling = object_of(self);
  *result = nullptr;
  for (;;) {
    bool well = true;
    if (telling->waited_for) {
      const Ref waited_for = Ref::borrow(telling->waited_for);
      const PySendResult sent = PyIter_Send(waited_for.get(), value, result);
      if (sent == PYGEN_NEXT) return PYGEN_NEXT;
      Py_CLEAR(*result);
      Py_CLEAR(telling->waited_for);
      well = sent == PYGEN_RETURN;
    } else if (telling->next <
               PyList_GET_SIZE(sender_of(telling->sender)->listeners)) {
      well = call_next(telling);
    } else {
      *result = Py_NewRef(Py_None);
      return PYGEN_RETURN;
    }
    if (!well && !print_raised(telling)) return PYGEN_ERROR;
    value = Py_None;
  }
}

void abandon(PyObject*) {}

using Methods = Awaitable<send, abandon>;

// The listener may catch it; if it does not, the error is its.
PyObject* throw_into(PyObject* self, PyObject* args) {
  TellingObject* telling = object_of(self);
  if (!telling->waited_for) {
    raise_thrown(args);
    return nullptr;
  }
  const Ref waited_for = Ref::borrow(telling->waited_for);
  const Ref method =
      Ref::steal(PyObject_GetAttrString(waited_for.get(), "throw"));
  if (method) {
    PyObject* yielded = PyObject_Call(method.get(), args, nullptr);
    if (yielded) return yielded;
  } else {
    PyErr_Clear();
    raise_thrown(args);
  }
  Py_CLEAR(telling->waited_for);
  if (PyErr_ExceptionMatches(PyExc_StopIteration))
    PyErr_Clear();  // it has returned
  else if (!print_raised(telling))
    return nullptr;
  return Methods::next(self);
}

PyObject* close(PyObject* self, PyObject*) {
  TellingObject* telling = object_of(self);
  telling->next = PY_SSIZE_T_MAX;
  const Ref waited_for = Ref::steal(telling->waited_for);
  telling->waited_for = nullptr;
  if (waited_for && PyObject_HasAttrString(waited_for.get(), "close")) {
    const Ref closed =
        Ref::steal(PyObject_CallMethod(waited_for.get(), "close", nullptr));
    if (!closed) return nullptr;
  }
  Py_RETURN_NONE;
}

int traverse_telling(PyObject* self, visitproc visit, void* arg) {
  Py_VISIT(Py_TYPE(self));
  Py_VISIT(object_of(self)->sender);
  Py_VISIT(object_of(self)->arguments);
  Py_VISIT(object_of(self)->waited_for);
  return 0;
}

void dealloc_telling(PyObject* self) {
  PyObject_GC_UnTrack(self);
  TellingObject* telling = object_of(self);
  Py_CLEAR(telling->waited_for);
  Py_CLEAR(telling->keywords);
  Py_CLEAR(telling->arguments);
  Py_CLEAR(telling->sender);
  spares.give_back(telling);
}

PyMethodDef telling_methods[] = {{"send", Methods::send, METH_O, nullptr},
                                 {"throw", throw_into, METH_VARARGS, nullptr},
                                 {"close", close, METH_NOARGS, nullptr},
                                 {nullptr, nullptr, 0, nullptr}};

PyType_Slot telling_slots[] = {
    {Py_tp_doc, const_cast<char*>("An event for all listeners: await it.")},
    {Py_am_await, reinterpret_cast<void*>(Methods::await)},
    {Py_am_send, reinterpret_cast<void*>(send)},
    {Py_tp_iter, reinterpret_cast<void*>(Methods::await)},
    {Py_tp_iternext, reinterpret_cast<void*>(Methods::next)},
    {Py_tp_dealloc, reinterpret_cast<void*>(dealloc_telling)},
    {Py_tp_traverse, reinterpret_cast<void*>(traverse_telling)},
    {Py_tp_methods, telling_methods},
    {0, nullptr}};

PyType_Spec telling_spec = {
    "molotov._engine.Telling", sizeof(TellingObject), 0,
    Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    telling_slots};

PyObject* make_sender(PyTypeObject* type, PyObject* args, PyObject* keywords) {
  static const char* names[] = {"console", "listeners", nullptr};
  PyObject *printer, *given = nullptr;
  if (!PyArg_ParseTupleAndKeywords(args, keywords, "O|O:EventSender",
                                   const_cast<char**>(names), &printer, &given))
    return nullptr;
  Ref listeners = Ref::steal(given ? PySequence_List(given) : PyList_New(0));
  PyObject* self = listeners ? type->tp_alloc(type, 0) : nullptr;
  if (!self) return nullptr;
  sender_of(self)->printer = Py_NewRef(printer);
  sender_of(self)->listeners = listeners.release();
  return self;
}

// send_event(event, **info)
PyObject* send_event(PyObject* self, PyObject* const* given, Py_ssize_t count,
                     PyObject* keywords) {
  if (count != 1) {
    PyErr_Format(PyExc_TypeError,
                 "send_event() takes an event and keywords, not %zd events",
                 count);
    return nullptr;
  }
  const Py_ssize_t all = 1 + (keywords ? PyTuple_GET_SIZE(keywords) : 0);
  Ref arguments = Ref::steal(PyTuple_New(all));
  if (!arguments) return nullptr;
  for (Py_ssize_t i = 0; i < all; ++i)
    PyTuple_SET_ITEM(arguments.get(), i, Py_NewRef(given[i]));
  TellingObject* telling = spares.take(telling_type);
  if (!telling) return nullptr;
  telling->sender = Py_NewRef(self);
  telling->arguments = arguments.release();
  telling->keywords = Py_XNewRef(keywords);
  telling->waited_for = nullptr;
  telling->next = 0;
  PyObject_GC_Track(telling);
  return reinterpret_cast<PyObject*>(telling);
}

int traverse_sender(PyObject* self, visitproc visit, void* arg) {
  Py_VISIT(Py_TYPE(self));
  Py_VISIT(sender_of(self)->listeners);
  Py_VISIT(sender_of(self)->printer);
  return 0;
}

int clear_sender(PyObject* self) {
  Py_CLEAR(sender_of(self)->listeners);
  Py_CLEAR(sender_of(self)->printer);
  return 0;
}

void dealloc_sender(PyObject* self) {
  PyTypeObject* type = Py_TYPE(self);
  PyObject_GC_UnTrack(self);
  clear_sender(self);
  type->tp_free(self);
  Py_DECREF(type);
}

PyMethodDef sender_methods[] = {
    {"send_event", as_method(send_event), METH_FASTCALL | METH_KEYWORDS,
     "send_event(event, **info)\n--\n\n"
     "Tells each listener, once it is awaited."},
    {nullptr, nullptr, 0, nullptr}};

PyMemberDef sender_members[] = {
    {"_listeners", kObjectEx, offsetof(SenderObject, listeners), kReadOnly,
     nullptr},
    {nullptr, 0, 0, 0, nullptr}};

PyType_Slot sender_slots[] = {
    {Py_tp_doc, const_cast<char*>("Tells listeners of events.")},
    {Py_tp_new, reinterpret_cast<void*>(make_sender)},
    {Py_tp_dealloc, reinterpret_cast<void*>(dealloc_sender)},
    {Py_tp_traverse, reinterpret_cast<void*>(traverse_sender)},
    {Py_tp_clear, reinterpret_cast<void*>(clear_sender)},
    {Py_tp_methods, sender_methods},
    {Py_tp_members, sender_members},
    {0, nullptr}};

PyType_Spec sender_spec = {
    "molotov._engine.EventSender", sizeof(SenderObject), 0,
    Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_BASETYPE,
    sender_slots};

}  // namespace

bool add_event_sender_types(PyObject* module) {
  telling_type = add_type(module, telling_spec);
  print_error_name = PyUnicode_InternFromString("print_error");
  return telling_type && print_error_name && add_type(module, sender_spec);
}

}  // namespace molotov::python
