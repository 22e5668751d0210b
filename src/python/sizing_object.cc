#include "python/sizing_object.h"

#include <memory>

#include "python/board_object.h"

namespace molotov::python {

namespace {

struct SizingObject {
  PyObject_HEAD PyObject* board_object;
  metrics::Board* board;
  metrics::Sizing* sizing;
};

PyTypeObject* sizing_type = nullptr;

SizingObject* object_of(PyObject* self) {
  return reinterpret_cast<SizingObject*>(self);
}

PyObject* make(PyTypeObject* type, PyObject* args, PyObject*) {
  PyObject* board_object;
  double tolerance;
  if (!PyArg_ParseTuple(args, "Od:Sizing", &board_object, &tolerance))
    return nullptr;
  size_t index;
  metrics::Board* board = board_of(board_object, &index);
  auto* self = board ? object_of(type->tp_alloc(type, 0)) : nullptr;
  if (!self) return nullptr;
  self->board_object = Py_NewRef(board_object);
  self->board = board;
  self->sizing =
      std::make_unique<metrics::Sizing>(tolerance, MonotonicClock::now())
          .release();
  return reinterpret_cast<PyObject*>(self);
}

void dealloc(PyObject* self) {
  PyTypeObject* type = Py_TYPE(self);
  std::unique_ptr<metrics::Sizing>(object_of(self)->sizing).reset();
  Py_XDECREF(object_of(self)->board_object);
  type->tp_free(self);
  Py_DECREF(type);
}

PyObject* observe(PyObject* self, PyObject*) {
  SizingObject* object = object_of(self);
  return PyBool_FromLong(object->sizing->observe(
      MonotonicClock::now(), metrics::totals(*object->board)));
}

PyObject* verdict(PyObject* self, PyObject*) {
  const metrics::SizingVerdict& found = object_of(self)->sizing->verdict();
  return Py_BuildValue("{s:O,s:d,s:K,s:K}",                              //
                       "reached", found.reached ? Py_True : Py_False,    //
                       "error_ratio", found.error_ratio,                 //
                       "minute_succeeded", found.last_minute.succeeded,  //
                       "minute_failed", found.last_minute.failed);
}

PyMethodDef methods[] = {{"observe", observe, METH_NOARGS, nullptr},
                         {"verdict", verdict, METH_NOARGS, nullptr},
                         {nullptr, nullptr, 0, nullptr}};

PyType_Slot slots[] = {
    {Py_tp_doc, const_cast<char*>("Decides when --sizing has its answer.")},
    {Py_tp_new, reinterpret_cast<void*>(make)},
    {Py_tp_dealloc, reinterpret_cast<void*>(dealloc)},
    {Py_tp_methods, methods},
    {0, nullptr}};

PyType_Spec spec = {"molotov._engine.Sizing", sizeof(SizingObject), 0,
                    Py_TPFLAGS_DEFAULT, slots};

}  // namespace

const metrics::SizingVerdict* verdict_of(PyObject* object) {
  if (PyObject_TypeCheck(object, sizing_type))
    return &object_of(object)->sizing->verdict();
  PyErr_Format(PyExc_TypeError, "a Sizing is needed, not %R", object);
  return nullptr;
}

bool add_sizing_type(PyObject* module) {
  sizing_type = add_type(module, spec);
  return sizing_type != nullptr;
}

}  // namespace molotov::python
