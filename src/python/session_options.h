// What Python says of a session (molotov/client/session_options.py): how it
// starts out, and each part that a request, or the session later on, says anew.
#pragma once

#include <memory>

#include "http/exchange.h"
#include "python/ref.h"
#include "python/session_object.h"

namespace molotov::python {

// The native half of Session(engine, *, fields, timeout, cookies,
// raise_for_status, reading, requotes, route, security): as session_options()
// in Python makes them. `engine_object` is set to the first of them, borrowed,
// which has to outlive the session. Nothing with a Python error set.
std::unique_ptr<Session> make_session(PyObject* args, PyObject* keywords,
                                      PyObject*& engine_object);

// (host, lines, cookies, lines behind those), as
// session_fields() in Python makes them; nothing with a Python error set.
std::unique_ptr<SessionFields> read_fields(PyObject* tuple);

// As molotov.client.timeout.Timeout says it. False with a Python error set.
bool read_timeout(PyObject* timeout, http::TimeoutOptions& read);

// As molotov.client.reading.Reading says it. `options` refer to `limits` where
// they are not the usual ones. False with a Python error set.
bool read_reading(PyObject* reading, http::ExchangeOptions& options,
                  http::HeadLimits& limits);

// Whether URLs are brought into one form.
inline http::UrlForm form_of(bool requotes) {
  return requotes ? http::UrlForm::requoted : http::UrlForm::as_is;
}

}  // namespace molotov::python
