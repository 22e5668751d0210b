// What our awaitables share: each has only its send() and what to do when it is
// abandoned; await, iteration and the methods of a coroutine follow from these.
#pragma once

#include "python/ref.h"

namespace molotov::python {

// The end of a send() as a generator's send() and __next__() say it.
PyObject* result_of_send(PySendResult sent, PyObject* result);
// Raises what was given to throw(): an exception, or a type and its value. A
// new Python error in any case.
void raise_thrown(PyObject* args);

// What `await answer` iterates over; nothing with a Python error set.
Ref await_iterator(Ref answer);
// iterator.throw(*args); where it has none, what is thrown is raised.
PySendResult throw_into(PyObject* iterator, PyObject* args, PyObject** result);
PySendResult throw_into(PyObject* iterator, const Ref& exception,
                        PyObject** result);
// iterator.close(), where it has one. False with a Python error set.
bool close_iterator(PyObject* iterator);

using SendFunction = PySendResult (*)(PyObject* self, PyObject* value,
                                      PyObject** result);
using AbandonFunction = void (*)(PyObject* self);

template <SendFunction kSend, AbandonFunction kAbandon>
struct Awaitable {
  static PyObject* await(PyObject* self) { return Py_NewRef(self); }

  static PyObject* next(PyObject* self) {
    PyObject* result = nullptr;
    const PySendResult sent = kSend(self, Py_None, &result);
    return result_of_send(sent, result);
  }

  static PyObject* send(PyObject* self, PyObject*) { return next(self); }

  static PyObject* throw_(PyObject* self, PyObject* args) {
    kAbandon(self);
    raise_thrown(args);
    return nullptr;
  }

  static PyObject* close(PyObject* self, PyObject*) {
    kAbandon(self);
    Py_RETURN_NONE;
  }

  // For Py_tp_methods of a type that has no others.
  static inline PyMethodDef methods[] = {
      {"send", send, METH_O, nullptr},
      {"throw", throw_, METH_VARARGS, nullptr},
      {"close", close, METH_NOARGS, nullptr},
      {nullptr, nullptr, 0, nullptr}};
};

}  // namespace molotov::python
