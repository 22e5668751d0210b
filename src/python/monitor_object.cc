#include "python/monitor_object.h"

#include <memory>

#include "metrics/run_monitor.h"
#include "python/board_object.h"
#include "python/sizing_object.h"
#include "report/json.h"
#include "report/objectives.h"
#include "report/summary.h"

namespace molotov::python {

namespace {

struct MonitorObject {
  PyObject_HEAD PyObject* board_object;
  metrics::Board* board;
  metrics::RunMonitor* monitor;
  report::Objectives* objectives;
};

MonitorObject* object_of(PyObject* self) {
  return reinterpret_cast<MonitorObject*>(self);
}

// RunMonitor(board, thresholds, abort_after).
std::unique_ptr<report::Objectives> read_objectives(PyObject* thresholds,
                                                    PyObject* abort_after) {
  const Ref list = Ref::steal(
      PySequence_Fast(thresholds, "thresholds are a list of strings"));
  if (!list) return nullptr;
  std::vector<std::string> texts;
  for (Py_ssize_t i = 0; i < PySequence_Fast_GET_SIZE(list.get()); i++) {
    PyObject* text = PySequence_Fast_GET_ITEM(list.get(), i);
    if (!PyUnicode_Check(text)) {
      PyErr_SetString(PyExc_TypeError, "a threshold is a string");
      return nullptr;
    }
    texts.emplace_back(utf8_of(text));
  }
  std::optional<double> seconds;
  if (abort_after != Py_None) {
    seconds = PyFloat_AsDouble(abort_after);
    if (PyErr_Occurred()) return nullptr;
  }
  auto objectives = report::Objectives::parse(texts, seconds);
  if (!objectives) {
    const std::string why = "not a threshold: " + objectives.error();
    PyErr_SetString(PyExc_ValueError, why.c_str());
    return nullptr;
  }
  return std::make_unique<report::Objectives>(std::move(*objectives));
}

PyObject* make(PyTypeObject* type, PyObject* args, PyObject*) {
  PyObject* board_object;
  PyObject* thresholds;
  PyObject* abort_after;
  if (!PyArg_ParseTuple(args, "OOO:RunMonitor", &board_object, &thresholds,
                        &abort_after))
    return nullptr;
  auto objectives = read_objectives(thresholds, abort_after);
  if (!objectives) return nullptr;
  size_t index;
  metrics::Board* board = board_of(board_object, &index);
  auto* self = board ? object_of(type->tp_alloc(type, 0)) : nullptr;
  if (!self) return nullptr;
  self->board_object = Py_NewRef(board_object);
  self->board = board;
  self->monitor = std::make_unique<metrics::RunMonitor>(*board).release();
  self->objectives = objectives.release();
  return reinterpret_cast<PyObject*>(self);
}

void dealloc(PyObject* self) {
  PyTypeObject* type = Py_TYPE(self);
  std::unique_ptr<metrics::RunMonitor>(object_of(self)->monitor).reset();
  std::unique_ptr<report::Objectives>(object_of(self)->objectives).reset();
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

std::vector<report::Judgement> judgements_of(const MonitorObject& object) {
  return object.objectives->judge_all(object.monitor->data(),
                                      metrics::totals(*object.board));
}

PyObject* reason_to_stop(PyObject* self, PyObject*) {
  const MonitorObject* object = object_of(self);
  const auto reason = object->objectives->reason_to_stop(
      object->monitor->data(), metrics::totals(*object->board));
  if (!reason) Py_RETURN_NONE;
  return str_of(*reason).release();
}

PyObject* any_crossed(PyObject* self, PyObject*) {
  return PyBool_FromLong(report::any_crossed(judgements_of(*object_of(self))));
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
                             .results = results != 0,
                             .sizing = nullptr,
                             .judgements = {}};
  if (sizing != Py_None) {
    parts.sizing = verdict_of(sizing);
    if (!parts.sizing) return nullptr;
  }
  const MonitorObject* object = object_of(self);
  const auto judgements = judgements_of(*object);
  parts.judgements = judgements;
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
      report::facts_of(*object->board, object->monitor->data(),
                       judgements_of(*object)),
      object->monitor->data());
  if (!written) {
    PyErr_SetString(PyExc_OSError, written.error().detail.c_str());
    return nullptr;
  }
  Py_RETURN_NONE;
}

PyMethodDef methods[] = {
    {"look", look, METH_NOARGS, nullptr},
    {"finish", finish, METH_NOARGS, nullptr},
    {"reason_to_stop", reason_to_stop, METH_NOARGS, nullptr},
    {"any_crossed", any_crossed, METH_NOARGS, nullptr},
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
