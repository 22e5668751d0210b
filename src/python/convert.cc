#include "python/convert.h"

#include <string>

#include "python/load_model.h"

namespace molotov::python {

namespace {

// Borrowed from the dict; nullptr where it is missing or None.
PyObject* item(PyObject* options, const char* name) {
  PyObject* found = PyDict_GetItemString(options, name);
  return found == Py_None ? nullptr : found;
}

double number(PyObject* options, const char* name, double otherwise) {
  PyObject* found = item(options, name);
  return found ? PyFloat_AsDouble(found) : otherwise;
}

bool flag(PyObject* options, const char* name) {
  PyObject* found = item(options, name);
  return found && PyObject_IsTrue(found) == 1;
}

}  // namespace

bool read_network_options(PyObject* options, net::TlsClientOptions& tls,
                          std::vector<net::ConnectTo>& connect_to) {
  if (!options || options == Py_None) return true;
  if (!PyDict_Check(options)) {
    PyErr_SetString(PyExc_TypeError, "the network options are a dict");
    return false;
  }
  tls.verify = !flag(options, "insecure");
  if (PyObject* file = item(options, "cacert")) tls.ca_file = utf8_of(file);
  if (PyObject* rules = item(options, "connect_to")) {
    const Py_ssize_t count = PySequence_Size(rules);
    for (Py_ssize_t i = 0; i < count; i++) {
      const Ref text = Ref::steal(PySequence_GetItem(rules, i));
      if (!text) return false;
      auto rule = net::parse_connect_to(utf8_of(text.get()));
      if (!rule) {
        PyErr_SetString(PyExc_ValueError, rule.error().detail.c_str());
        return false;
      }
      connect_to.push_back(std::move(*rule));
    }
  }
  return !PyErr_Occurred();
}

bool read_addresses(PyObject* list, std::vector<net::Address>& addresses) {
  const Py_ssize_t count = PySequence_Size(list);
  for (Py_ssize_t i = 0; i < count; i++) {
    const Ref pair = Ref::steal(PySequence_GetItem(list, i));
    const char* text;
    unsigned short port;
    if (!pair ||
        !PyArg_ParseTuple(pair.get(), "sH;an address and a port", &text, &port))
      return false;
    auto address = net::parse_address(text, port);
    if (!address) {
      PyErr_Format(PyExc_ValueError, "not an address: '%s'", text);
      return false;
    }
    addresses.push_back(*address);
  }
  if (count == 0) PyErr_SetString(PyExc_ValueError, "no address");
  return count > 0;
}

bool read_run_options(PyObject* options, load::RunOptions& read) {
  if (!PyDict_Check(options)) {
    PyErr_SetString(PyExc_TypeError, "the options are a dict");
    return false;
  }
  read.workers = static_cast<int>(number(options, "workers", 1));
  read.duration = seconds_to_duration(number(options, "duration", 86400));
  read.max_runs = static_cast<int64_t>(number(options, "max_runs", 0));
  read.ramp_up = seconds_to_duration(number(options, "ramp_up", 0));
  read.delay = seconds_to_duration(number(options, "delay", 0));
  read.single_run = flag(options, "single_run");
  if (PyObject* index = item(options, "single_mode"))
    read.single_mode = PyLong_AsSize_t(index);
  read.stop_on_failure = flag(options, "exception");
  if (item(options, "grace"))
    read.grace_after_stop = seconds_to_duration(number(options, "grace", 0));
  read.grace_after_duration =
      flag(options, "force_shutdown") ? Duration(0) : read.grace_after_stop;
  read.verbosity = static_cast<int>(number(options, "verbose", 0));
  read.quiet = flag(options, "quiet");
  read_load_model(options, read);
  return !PyErr_Occurred();
}

}  // namespace molotov::python
