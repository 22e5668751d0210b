// The Python type `_engine.Request`: what session.get() gives. Its own
// awaitable and its own context manager: `await` and `async with` both start
// the exchange and give its Response.
#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "http/exchange.h"
#include "python/body_writer.h"
#include "python/ref.h"
#include "python/session_object.h"

namespace molotov::python {

// What one request has beyond its session's defaults. The views are into
// `keeper`.
struct RequestExtras {
  // Host, fields and cookies are the session's.
  bool of_session = false;
  std::string_view host;
  std::string_view fields;
  std::string_view last_fields;
  bool fields_frame_body = false;
  std::string_view cookies;
  std::string_view name;
  std::optional<std::string_view> body;
  std::string_view content_fields;
  http::ExchangeOptions options;
  http::HeadLimits head_limits;
  bool raise_for_status = false;
  Ref keeper;
  Ref check;                      // raise_for_status= that is a function
  PyObject* told_body = nullptr;  // likewise: what listeners see of it
  std::optional<http::FileRange> file;
  // Likewise: molotov._upload.Upload, and where it writes to.
  PyObject* upload = nullptr;
  BodyQueue* queue = nullptr;
  PyObject* route = nullptr;            // likewise: see read_route()
  PyObject* security_object = nullptr;  // likewise: see read_security()
  http::Security security;
  PyObject* ssl = nullptr;  // likewise: as it was given
  std::unique_ptr<http::Router> router;
};

// A new request; nullptr with a Python error set. `target` is of Targets;
// `method` lives for ever or in `extras.keeper`; `extras` may be nullptr.
// Where the session has listeners, an ObservedRequest around it is given
// instead, which drives it by the functions below.
PyObject* make_request(PyObject* session, std::string_view method,
                       PyObject* target, std::unique_ptr<RequestExtras> extras);
// A gated one as it is, which Python drives: await it, and None comes when it
// is at its gate; _begin(), _told() and _proceed() are for that (_engine.pyi).
PyObject* make_staged_request(PyObject* session, std::string_view method,
                              PyObject* target,
                              std::unique_ptr<RequestExtras> extras);
// Its send(). Of a gated one, None is what it returns when a hop is ready to be
// sent.
PySendResult send_request(PyObject* request, PyObject** result);
// An `async with` has begun, which lets go of its response.
void set_entered(PyObject* request);
// The ClientRequest of that hop, and what sends it.
PyObject* make_client_request_of(PyObject* request);
void proceed(PyObject* request);
void abandon_request(PyObject* request);
bool add_request_type(PyObject* module);

}  // namespace molotov::python
