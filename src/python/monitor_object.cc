#include "python/monitor_object.h"

#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "metrics/run_monitor.h"
#include "python/board_object.h"
#include "python/sizing_object.h"
#include "report/json.h"
#include "report/objectives.h"
#include "report/summary.h"

namespace molotov::python {

namespace {

struct Followed {
  metrics::Board& board;
  metrics::RunMonitor monitor;
  report::Objectives objectives;
  std::vector<report::Judgement> judgements;  // once it is over

  const metrics::RunData& data() const { return monitor.data(); }
};

struct MonitorObject {
  PyObject_HEAD PyObject* board_object;
  Followed* followed;
};

MonitorObject* object_of(PyObject* self) {
  return reinterpret_cast<MonitorObject*>(self);
}

Followed& followed_by(PyObject* self) {
  return *object_of(self)->followed;
}

// RunMonitor(board, thresholds, abort_after).
std::optional<report::Objectives> read_objectives(PyObject* thresholds,
                                                  PyObject* abort_after) {
  const Ref list = Ref::steal(
      PySequence_Fast(thresholds, "thresholds are a list of strings"));
  if (!list) return {};
  std::vector<std::string> texts;
  for (Py_ssize_t i = 0; i < PySequence_Fast_GET_SIZE(list.get()); i++) {
    PyObject* text = PySequence_Fast_GET_ITEM(list.get(), i);
    if (!PyUnicode_Check(text)) {
      PyErr_SetString(PyExc_TypeError, "a threshold is a string");
      return {};
    }
    texts.emplace_back(utf8_of(text));
  }
  std::optional<double> seconds;
  if (abort_after != Py_None) {
    seconds = PyFloat_AsDouble(abort_after);
    if (PyErr_Occurred()) return {};
  }
  auto objectives = report::Objectives::parse(texts, seconds);
  if (!objectives) {
    const std::string why = "not a threshold: " + objectives.error();
    PyErr_SetString(PyExc_ValueError, why.c_str());
    return {};
  }
  return std::move(*objectives);
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
  self->followed = std::make_unique<Followed>(
                       *board, metrics::RunMonitor(*board),
                       std::move(*objectives), std::vector<report::Judgement>())
                       .release();
  return reinterpret_cast<PyObject*>(self);
}

void dealloc(PyObject* self) {
  PyTypeObject* type = Py_TYPE(self);
  std::unique_ptr<Followed>(object_of(self)->followed).reset();
  Py_XDECREF(object_of(self)->board_object);
  type->tp_free(self);
  Py_DECREF(type);
}

PyObject* look(PyObject* self, PyObject*) {
  followed_by(self).monitor.look(MonotonicClock::now());
  Py_RETURN_NONE;
}

PyObject* finish(PyObject* self, PyObject*) {
  Followed& run = followed_by(self);
  run.monitor.finish(MonotonicClock::now());
  run.judgements =
      run.objectives.judge_all(run.data(), metrics::totals(run.board));
  Py_RETURN_NONE;
}

PyObject* reason_to_stop(PyObject* self, PyObject*) {
  Followed& run = followed_by(self);
  const auto reason =
      run.objectives.reason_to_stop(run.data(), metrics::totals(run.board));
  if (!reason) Py_RETURN_NONE;
  return str_of(*reason).release();
}

PyObject* any_crossed(PyObject* self, PyObject*) {
  return PyBool_FromLong(report::any_crossed(followed_by(self).judgements));
}

// summary(sizing, workers, endpoints, results, only_results).
PyObject* summary(PyObject* self, PyObject* args) {
  PyObject* sizing;
  int workers;
  int endpoints;
  int results;
  int only_results;
  if (!PyArg_ParseTuple(args, "Opppp:summary", &sizing, &workers, &endpoints,
                        &results, &only_results))
    return nullptr;
  report::SummaryParts parts{.workers = workers != 0,
                             .endpoints = endpoints != 0,
                             .results = results != 0,
                             .only_results = only_results != 0,
                             .sizing = nullptr,
                             .judgements = {}};
  if (sizing != Py_None) {
    parts.sizing = verdict_of(sizing);
    if (!parts.sizing) return nullptr;
  }
  const Followed& run = followed_by(self);
  parts.judgements = run.judgements;
  Ref list = Ref::steal(PyList_New(0));
  for (const std::string& line :
       report::summary_lines(run.board, run.data(), parts)) {
    const Ref text = str_of(line);
    if (!list || !text || PyList_Append(list.get(), text.get()) < 0)
      return nullptr;
  }
  return list.release();
}

PyObject* write_report(PyObject* self, PyObject* path) {
  if (!PyUnicode_Check(path)) return PyErr_BadArgument(), nullptr;
  const Followed& run = followed_by(self);
  const auto written = report::write_json_report(
      std::string(utf8_of(path)),
      report::facts_of(run.board, run.data(), run.judgements), run.data());
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
