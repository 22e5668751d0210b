#include "python/monitor_object.h"

#include <memory>

#include "metrics/run_monitor.h"
#include "python/board_object.h"
#include "python/sizing_object.h"
#include "report/json.h"
#include "report/summary.h"

namespace molotov::python {

namespace {

struct MonitorObject {
  PyObject_HEAD PyObject* board_object;
  metrics::Board* board;
  metrics::RunMonitor* monitor;
};

MonitorObject* object_of(PyObject* self) {
  return reinterpret_cast<MonitorObject*>(self);
}

PyObject* make(PyTypeObject* type, PyObject* args, PyObject*) {
  PyObject* board_object;
  if (!PyArg_ParseTuple(args, "O:RunMonitor", &board_object)) return nullptr;
  size_t index;
  metrics::Board* board = board_of(board_object, &index);
  auto* self = board ? object_of(type->tp_alloc(type, 0)) : nullptr;
  if (!self) return nullptr;
  self->board_object = Py_NewRef(board_object);
  self->board = board;
  self->monitor = std::make_unique<metrics::RunMonitor>(*board).release();
  return reinterpret_cast<PyObject*>(self);
}

void dealloc(PyObject* self) {
  PyTypeObject* type = Py_TYPE(self);
  std::unique_ptr<metrics::RunMonitor>(object_of(self)->monitor).reset();
  Py_XDECREF(object_of(self)->board_object);
  type->tp_free(self);
  Py_DECREF(type);
}

PyObject* look(PyObject* self, PyObject*) {
  object_of(self)->monitor->look(MonotonicClock::now());
  Py_RETURN_NONE;
}

PyObject* finish(PyObject* self, PyObject*) {
  object_of(self)->monitor->finish(MonotonicClock::now());
  Py_RETURN_NONE;
}

// summary(sizing, workers, endpoints, results).
PyObject* summary(PyObject* self, PyObject* args) {
  PyObject* sizing;
  int workers;
  int endpoints;
  int results;
  if (!PyArg_ParseTuple(args, "Oppp:summary", &sizing, &workers, &endpoints,
                        &results))
    return nullptr;
  report::SummaryParts parts{.workers = workers != 0,
                             .endpoints = endpoints != 0,
                             .results = results != 0};
  if (sizing != Py_None) {
    parts.sizing = verdict_of(sizing);
    if (!parts.sizing) return nullptr;
  }
  const MonitorObject* object = object_of(self);
  Ref list = Ref::steal(PyList_New(0));
  for (const std::string& line :
       report::summary_lines(*object->board, object->monitor->data(), parts)) {
    const Ref text = str_of(line);
    if (!list || !text || PyList_Append(list.get(), text.get()) < 0)
      return nullptr;
  }
  return list.release();
}

PyObject* write_report(PyObject* self, PyObject* path) {
  if (!PyUnicode_Check(path)) return PyErr_BadArgument(), nullptr;
  const MonitorObject* object = object_of(self);
  const auto written = report::write_json_report(
      std::string(utf8_of(path)),
      report::facts_of(*object->board, object->monitor->data()),
      object->monitor->data());
  if (!written) {
    PyErr_SetString(PyExc_OSError, written.error().detail.c_str());
    return nullptr;
  }
  Py_RETURN_NONE;
}

PyMethodDef methods[] = {{"look", look, METH_NOARGS, nullptr},
                         {"finish", finish, METH_NOARGS, nullptr},
                         {"summary", summary, METH_VARARGS, nullptr},
                         {"write_report", write_report, METH_O, nullptr},
                         {nullptr, nullptr, 0, nullptr}};

PyType_Slot slots[] = {
    {Py_tp_doc, const_cast<char*>("Follows a run by its board.")},
    {Py_tp_new, reinterpret_cast<void*>(make)},
    {Py_tp_dealloc, reinterpret_cast<void*>(dealloc)},
    {Py_tp_methods, methods},
    {0, nullptr}};

PyType_Spec spec = {"molotov._engine.RunMonitor", sizeof(MonitorObject), 0,
                    Py_TPFLAGS_DEFAULT, slots};

}  // namespace

bool add_monitor_type(PyObject* module) {
  return add_type(module, spec) != nullptr;
}

}  // namespace molotov::python
