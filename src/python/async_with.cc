#include "python/async_with.h"

namespace molotov::python {

namespace {

PyTypeObject* method_type = nullptr;

PyObject* bind(PyObject* self, PyObject* object, PyObject*) {
  return Py_NewRef(object ? object : self);
}

// Unbound, with the object as the first argument: contextlib does it so.
PyObject* call(PyObject*, PyObject* args, PyObject* keywords) {
  if (PyTuple_GET_SIZE(args) == 0) {
    PyErr_SetString(PyExc_TypeError, "the object is missing");
    return nullptr;
  }
  const Ref rest =
      Ref::steal(PyTuple_GetSlice(args, 1, PyTuple_GET_SIZE(args)));
  return rest ? PyObject_Call(PyTuple_GET_ITEM(args, 0), rest.get(), keywords)
              : nullptr;
}

void dealloc(PyObject* self) {
  PyTypeObject* type = Py_TYPE(self);
  type->tp_free(self);
  Py_DECREF(type);
}

PyType_Slot slots[] = {{Py_tp_descr_get, reinterpret_cast<void*>(bind)},
                       {Py_tp_call, reinterpret_cast<void*>(call)},
                       {Py_tp_dealloc, reinterpret_cast<void*>(dealloc)},
                       {0, nullptr}};

PyType_Spec spec = {"molotov._engine.AsyncWithMethod", sizeof(PyObject), 0,
                    Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION,
                    slots};

}  // namespace

bool add_async_with(PyTypeObject* type) {
  const Ref method = Ref::steal(
      reinterpret_cast<PyObject*>(PyObject_New(PyObject, method_type)));
  auto* const object = reinterpret_cast<PyObject*>(type);
  return method &&
         PyObject_SetAttrString(object, "__aenter__", method.get()) == 0 &&
         PyObject_SetAttrString(object, "__aexit__", method.get()) == 0;
}

bool add_async_with_type(PyObject* module) {
  method_type = add_type(module, spec);
  return method_type != nullptr;
}

}  // namespace molotov::python
