#include "python/route.h"

#include <string>

#include "python/engine.h"
#include "python/error.h"

namespace molotov::python {

namespace {

// The Python error that is set, as an Error; it is set no more.
Error taken_error() {
  const Ref exception = take_raised();
  const Ref text = Ref::steal(PyObject_Str(exception.get()));
  std::string detail(text ? utf8_of(text.get()) : "no way to go");
  PyErr_Clear();
  return {ErrorCode::http_invalid_redirect, 0, std::move(detail)};
}

}  // namespace

bool read_route(Engine& engine, PyObject* route, const http::Security& security,
                http::Route& read) {
  if (route == Py_None) return true;
  if (PyBytes_Check(route)) {
    read.unix_path = view_of(route);
    return true;
  }
  const char* host;
  unsigned short port;
  int tls;
  PyObject *connect_fields, *forward_fields;
  if (!PyArg_ParseTuple(route, "sHpSS;a proxy", &host, &port, &tls,
                        &connect_fields, &forward_fields))
    return false;
  auto proxy = engine.http().intern(
      {.address = {host, port},
       .connect_fields = std::string(view_of(connect_fields)),
       .forward_fields = std::string(view_of(forward_fields))},
      tls, security);
  if (!proxy) {
    raise_error(engine, proxy.error(), std::string_view());
    return false;
  }
  read.proxy = *proxy;
  return true;
}

Result<http::Way> PythonRouter::way_to(const http::Url& url) {
  http::Way way;
  if (!ask(url, way)) return std::unexpected(taken_error());
  return way;
}

bool PythonRouter::ask(const http::Url& url, http::Way& way) {
  const Ref text = str_of(url.to_string());
  if (!text) return false;
  last_ = Ref::steal(PyObject_CallOneArg(way_of_, text.get()));
  PyObject *route, *authorization;
  if (!last_ ||
      !PyArg_ParseTuple(last_.get(), "OS;a way", &route, &authorization))
    return false;
  way.authorization = view_of(authorization);
  return read_route(engine_, route, security_, way.route);
}

}  // namespace molotov::python
