#include "python/awaitable.h"

namespace molotov::python {

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

void raise_thrown(PyObject* args) {
  PyObject *type, *value = nullptr, *traceback = nullptr;
  if (!PyArg_ParseTuple(args, "O|OO:throw", &type, &value, &traceback)) return;
  PyObject* exception = nullptr;
  if (PyExceptionInstance_Check(type))
    exception = type;
  else if (value && PyExceptionInstance_Check(value))
    exception = value;
  if (exception)
    PyErr_SetObject(PyExceptionInstance_Class(exception), exception);
  else
    PyErr_SetObject(type, value == Py_None ? nullptr : value);
}

}  // namespace molotov::python
