// The Python type `_engine.ObservedRequest`: what session.get() gives where the
// session has listeners. Drives a Request, and tells them of each hop before it
// is sent and of the answer before the scenario has it.
#pragma once

#include "python/ref.h"

namespace molotov::python {

// `request` is a gated Request of `session`. nullptr with a Python error set.
PyObject* make_observed_request(PyObject* session, PyObject* request);
bool add_observed_request_type(PyObject* module);

}  // namespace molotov::python
