// The Python type `_engine.Connector`: the connections of one session or of
// several. molotov.client.connector.BaseConnector extends it.
#pragma once

#include "http/pool.h"
#include "python/ref.h"

namespace molotov::python {

class Engine;

// The pool of a connector that is set up, and used with that engine; nullptr
// with a Python error set for anything else. It lives as long as the object.
http::Pool* pool_of(PyObject* object, const Engine& engine);
bool add_connector_type(PyObject* module);

}  // namespace molotov::python
