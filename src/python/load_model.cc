#include "python/load_model.h"

#include <utility>

#include "base/numerals.h"

namespace molotov::python {

namespace {

// Nothing, with a Python error set, where the text is none.
std::optional<double> rate_of(PyObject* text) {
  if (!PyUnicode_Check(text)) return PyErr_BadArgument(), std::nullopt;
  const auto rate = parse_rate(utf8_of(text));
  if (!rate) PyErr_Format(PyExc_ValueError, "invalid rate value: %R", text);
  return rate;
}

std::optional<load::Stages> stages_of(PyObject* text) {
  if (!PyUnicode_Check(text)) return PyErr_BadArgument(), std::nullopt;
  auto stages = load::parse_stages(utf8_of(text));
  if (stages) return std::move(*stages);
  PyErr_Format(PyExc_ValueError, "%s: %R", stages.error().detail.c_str(), text);
  return std::nullopt;
}

}  // namespace

void read_load_model(PyObject* options, load::RunOptions& read) {
  // Borrowed; nullptr where it is missing or None.
  const auto item = [options](const char* name) -> PyObject* {
    PyObject* found = PyDict_GetItemString(options, name);
    return found == Py_None ? nullptr : found;
  };
  if (PyObject* warm_up = item("warmup"))
    read.warm_up = seconds_to_duration(PyFloat_AsDouble(warm_up));
  if (PyObject* rate = item("rate")) read.rate = PyFloat_AsDouble(rate);
  if (PyObject* text = item("stages")) read.stages = stages_of(text);
  if (PyObject* kind = item("arrival"))
    read.arrival = PyUnicode_CompareWithASCIIString(kind, "poisson") == 0
                       ? load::Arrival::poisson
                       : load::Arrival::constant;
  if (PyObject* seed = item("seed")) read.seed = PyLong_AsLongLong(seed);
}

PyObject* parse_rate_text(PyObject*, PyObject* text) {
  const auto rate = rate_of(text);
  return rate ? PyFloat_FromDouble(*rate) : nullptr;
}

PyObject* parse_stages_text(PyObject*, PyObject* text) {
  const auto stages = stages_of(text);
  if (!stages) return nullptr;
  return Py_BuildValue("(Odd)", stages->of_rate ? Py_True : Py_False,
                       stages->highest(),
                       duration_to_seconds(stages->length()));
}

}  // namespace molotov::python
