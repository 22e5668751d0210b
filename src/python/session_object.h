// The Python type `_engine.Session`: a worker's HTTP session.
// molotov.session.ClientSession extends it.
#pragma once

#include <memory>
#include <string>

#include "http/client.h"
#include "python/ref.h"

namespace molotov::python {

class Engine;

// The native half of a session.
struct Session {
  Engine& engine;
  http::Client client;
  std::string fields;  // the field lines of every request
  http::ExchangeOptions options;
  bool raise_for_status = false;
  bool observed = false;  // it has listeners, told of each request
  bool closed = false;
};

// What the caller has checked to be a session.
Session& session_of(PyObject* object);
bool add_session_type(PyObject* module);

}  // namespace molotov::python
