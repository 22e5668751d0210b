#include "python/awaitable.h"

namespace molotov::python {

namespace {

bool is_generator_coroutine(PyObject* answer) {
  if (!PyGen_CheckExact(answer)) return false;
  const Ref code = Ref::steal(PyObject_GetAttrString(answer, "gi_code"));
  if (!code) PyErr_Clear();
  return code && (reinterpret_cast<PyCodeObject*>(code.get())->co_flags &
                  CO_ITERABLE_COROUTINE) != 0;
}

}  // namespace

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

Ref await_iterator(Ref answer) {
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

PySendResult throw_into(PyObject* iterator, PyObject* args, PyObject** result) {
  *result = nullptr;
  const Ref method = Ref::steal(PyObject_GetAttrString(iterator, "throw"));
  if (!method) {
    PyErr_Clear();
    raise_thrown(args);
    return PYGEN_ERROR;
  }
  *result = PyObject_Call(method.get(), args, nullptr);
  if (*result) return PYGEN_NEXT;
  if (!PyErr_ExceptionMatches(PyExc_StopIteration)) return PYGEN_ERROR;
  const Ref stop = take_raised();
  *result = PyObject_GetAttrString(stop.get(), "value");
  return *result ? PYGEN_RETURN : PYGEN_ERROR;
}

PySendResult throw_into(PyObject* iterator, const Ref& exception,
                        PyObject** result) {
  const Ref args = Ref::steal(PyTuple_Pack(1, exception.get()));
  return args ? throw_into(iterator, args.get(), result) : PYGEN_ERROR;
}

bool close_iterator(PyObject* iterator) {
  if (!PyObject_HasAttrString(iterator, "close")) return true;
  const Ref closed =
      Ref::steal(PyObject_CallMethod(iterator, "close", nullptr));
  return bool(closed);
}

}  // namespace molotov::python
