#include "python/session_options.h"

#include <string>

#include "python/engine.h"
#include "python/security.h"
#include "python/websocket_object.h"

namespace molotov::python {

namespace {

bool add_cookies(http::CookieJar& jar, PyObject* cookies) {
  Py_ssize_t at = 0;
  PyObject *name, *value;
  while (PyDict_Next(cookies, &at, &name, &value))
    jar.set_shared(utf8_of(name), utf8_of(value));
  return !PyErr_Occurred();
}

}  // namespace

std::unique_ptr<Session> make_session(PyObject* args, PyObject* keywords,
                                      PyObject*& engine_object) {
  static const char* names[] = {
      "engine",  "fields",   "timeout", "cookies",  "raise_for_status",
      "reading", "requotes", "route",   "security", nullptr};
  PyObject *fields, *timeout, *cookies, *reading, *route, *security;
  int raises, requotes;
  if (!PyArg_ParseTupleAndKeywords(
          args, keywords, "OO!O!O!pO!pOO:Session", const_cast<char**>(names),
          &engine_object, &PyTuple_Type, &fields, &PyTuple_Type, &timeout,
          &PyDict_Type, &cookies, &raises, &PyTuple_Type, &reading, &requotes,
          &route, &security))
    return nullptr;
  Engine* engine = engine_of(engine_object);
  if (!engine) return nullptr;
  http::ExchangeOptions options;
  http::HeadLimits limits;
  if (!read_reading(reading, options, limits)) return nullptr;
  if (!read_timeout(timeout, options.timeout)) return nullptr;
  options.location_form = form_of(requotes);
  auto first_fields = read_fields(fields);
  if (!first_fields) return nullptr;
  std::unique_ptr<Session> session(
      new Session{.engine = *engine,
                  .connector = {},
                  .client = {engine->http(), engine->observer()},
                  .all_fields = {},
                  .options = options,
                  .head_limits = limits,
                  .raise_for_status = raises != 0,
                  .route = Ref::borrow(route),
                  .security_object = Ref::borrow(security)});
  if (!read_security(security, session->security)) return nullptr;
  session->options.security = &session->security;
  session->all_fields.push_back(std::move(first_fields));
  if (options.head_limits != &http::kDefaultHeadLimits)
    session->options.head_limits = &session->head_limits;
  if (!add_cookies(session->client.cookies(), cookies)) return nullptr;
  return session;
}

std::unique_ptr<SessionFields> read_fields(PyObject* tuple) {
  const char *host, *fields, *own_cookies, *last_fields;
  Py_ssize_t host_size, fields_size, own_cookies_size, last_fields_size;
  if (!PyArg_ParseTuple(tuple, "y#y#y#y#;a session's fields", &host, &host_size,
                        &fields, &fields_size, &own_cookies, &own_cookies_size,
                        &last_fields, &last_fields_size))
    return nullptr;
  return std::make_unique<SessionFields>(
      std::string(host, static_cast<size_t>(host_size)),
      std::string(fields, static_cast<size_t>(fields_size)),
      std::string(own_cookies, static_cast<size_t>(own_cookies_size)),
      std::string(last_fields, static_cast<size_t>(last_fields_size)));
}

bool read_timeout(PyObject* timeout, http::TimeoutOptions& read) {
  double total, connect, sock_connect, sock_read;
  if (!PyArg_ParseTuple(timeout, "dddd;a timeout has four parts", &total,
                        &connect, &sock_connect, &sock_read))
    return false;
  read = {.total = seconds_to_duration(total),
          .connect = seconds_to_duration(connect),
          .sock_connect = seconds_to_duration(sock_connect),
          .sock_read = seconds_to_duration(sock_read)};
  return true;
}

bool read_reading(PyObject* reading, http::ExchangeOptions& options,
                  http::HeadLimits& limits) {
  int decode, until_close, minor_version;
  Py_ssize_t buffer, line, field, fields;
  if (!PyArg_ParseTuple(reading, "pnnnnpi;how answers are read", &decode,
                        &buffer, &line, &field, &fields, &until_close,
                        &minor_version))
    return false;
  options.decode_content = decode;
  options.read_buffer_bytes = static_cast<size_t>(buffer);
  options.read_until_close = until_close;
  options.minor_version = static_cast<uint8_t>(minor_version);
  const http::HeadLimits& usual = http::kDefaultHeadLimits;
  limits = usual;
  limits.line_bytes = static_cast<size_t>(line);
  limits.field_bytes = static_cast<size_t>(field);
  limits.fields = static_cast<size_t>(fields);
  for (const size_t most : {limits.line_bytes, limits.field_bytes})
    if (most > usual.line_bytes) limits.head_bytes += most;
  options.head_limits = limits == usual ? &usual : &limits;
  return true;
}

}  // namespace molotov::python
