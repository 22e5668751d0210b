// The Python type `_engine.ClientRequest`: a request as it goes out, which
// listeners are given with both of its events. They may set any attributes on
// it.
#pragma once

#include "http/exchange.h"
#include "python/ref.h"

namespace molotov::python {

// Of the hop that `exchange` is about to send. `target` is what the whole of it
// was asked with (of Targets), `body` its bytes or nullptr. nullptr with a
// Python error set.
PyObject* make_client_request(http::Exchange& exchange, PyObject* target,
                              PyObject* body);
bool add_client_request_type(PyObject* module);

}  // namespace molotov::python
