#include "python/measures.h"

#include <string>

#include "base/text.h"

namespace molotov::python {

using metrics::Figure;
using metrics::SeriesKind;
using metrics::SeriesRow;

namespace {

metrics::SeriesWriter* counting = nullptr;

// nullptr with a Python error set.
SeriesRow* row_of(SeriesKind kind, PyObject* name, PyObject* unit = nullptr) {
  const std::string_view text = utf8_of(name);
  const std::string_view unit_text = unit ? utf8_of(unit) : std::string_view();
  if (PyErr_Occurred()) return nullptr;
  if (!has_controls(text) && !has_controls(unit_text))
    return &counting->find(kind, text, unit_text);
  return &counting->find(kind, without_controls(text),
                         without_controls(unit_text));
}

// (name, passed)
PyObject* count_check(PyObject*, PyObject* args) {
  PyObject* name;
  int passed;
  if (!PyArg_ParseTuple(args, "Up:count_check", &name, &passed)) return nullptr;
  if (!counting) Py_RETURN_NONE;
  SeriesRow* row = row_of(SeriesKind::check, name);
  if (!row) return nullptr;
  row->add(passed ? Figure::succeeded : Figure::failed);
  Py_RETURN_NONE;
}

// (name, outcome, nanoseconds); outcome is "succeeded", "failed", "cancelled".
PyObject* count_step(PyObject*, PyObject* args) {
  PyObject* name;
  const char* outcome;
  long long nanoseconds;
  if (!PyArg_ParseTuple(args, "UsL:count_step", &name, &outcome, &nanoseconds))
    return nullptr;
  if (!counting) Py_RETURN_NONE;
  SeriesRow* row = row_of(SeriesKind::step, name);
  if (!row) return nullptr;
  if (outcome == std::string_view("cancelled")) {
    row->add(Figure::cancelled);
    Py_RETURN_NONE;
  }
  const bool succeeded = outcome == std::string_view("succeeded");
  row->add(succeeded ? Figure::succeeded : Figure::failed);
  row->record(metrics::Measure::duration, Duration(nanoseconds));
  Py_RETURN_NONE;
}

// (name, n)
PyObject* count_amount(PyObject*, PyObject* args) {
  PyObject* name;
  long long amount;
  if (!PyArg_ParseTuple(args, "UL:count_amount", &name, &amount))
    return nullptr;
  if (!counting) Py_RETURN_NONE;
  SeriesRow* row = row_of(SeriesKind::counter, name);
  if (!row) return nullptr;
  row->add(Figure::amount, static_cast<uint64_t>(amount));
  Py_RETURN_NONE;
}

// (name, value, unit); the value is finite.
PyObject* count_value(PyObject*, PyObject* args) {
  PyObject *name, *unit;
  double value;
  if (!PyArg_ParseTuple(args, "UdU:count_value", &name, &value, &unit))
    return nullptr;
  if (!counting) Py_RETURN_NONE;
  SeriesRow* row = row_of(SeriesKind::value, name, unit);
  if (!row) return nullptr;
  row->record_value(value);
  Py_RETURN_NONE;
}

PyMethodDef functions[] = {
    {"count_check", count_check, METH_VARARGS, nullptr},
    {"count_step", count_step, METH_VARARGS, nullptr},
    {"count_amount", count_amount, METH_VARARGS, nullptr},
    {"count_value", count_value, METH_VARARGS, nullptr},
    {nullptr, nullptr, 0, nullptr}};

}  // namespace

void count_in(metrics::SeriesWriter* series) {
  counting = series;
}

void stop_counting_in(const metrics::SeriesWriter* series) {
  if (counting == series) counting = nullptr;
}

bool add_measuring_functions(PyObject* module) {
  return PyModule_AddFunctions(module, functions) == 0;
}

}  // namespace molotov::python
