// The Python type `_engine.Request`: what session.get() gives. Its own
// awaitable and its own context manager: `await` and `async with` both start
// the exchange and give its Response.
#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "http/exchange.h"
#include "python/ref.h"
#include "python/session_object.h"

namespace molotov::python {

// What one request has beyond its session's defaults. The views are into
// `keeper`.
struct RequestExtras {
  std::string_view fields;
  std::string_view cookies;
  std::optional<std::string_view> body;
  std::string_view content_fields;
  http::ExchangeOptions options;
  bool raise_for_status = false;
  Ref keeper;
  PyObject* body_object = nullptr;  // likewise: the bytes of `body`
};

// A new request; nullptr with a Python error set. `target` is of Targets;
// `method` lives for ever or in `extras.keeper`; `extras` may be nullptr.
// Where the session has listeners, what tells them of the request
// (molotov/_observed.py) is given instead.
PyObject* make_request(PyObject* session, std::string_view method,
                       PyObject* target, std::unique_ptr<RequestExtras> extras);
bool add_request_type(PyObject* module);

}  // namespace molotov::python
