#include "python/error.h"

#include <string>

#include "python/engine.h"
#include "python/response.h"

namespace molotov::python {

namespace {

bool add(PyObject* more, const char* name, PyObject* value) {
  return PyDict_SetItemString(more, name, value) == 0;
}

// `more` are keywords for from_error().
void raise_error(Engine& engine, const Error& error, std::string_view host,
                 int port, std::string_view url, Ref more) {
  const std::string_view code = to_string(error.code);
  const Ref arguments = Ref::steal(Py_BuildValue(
      "(s#s#is#i)", code.data(), static_cast<Py_ssize_t>(code.size()),
      error.detail.data(), static_cast<Py_ssize_t>(error.detail.size()),
      error.sys_errno, host.data(), static_cast<Py_ssize_t>(host.size()),
      port));
  const Ref url_text = str_of(url);
  if (error.code == ErrorCode::dns_custom ||
      error.code == ErrorCode::connect_custom) {
    PyObject* const raised = engine.kept_errors().find(error.sys_errno);
    if (more && raised &&
        PyDict_SetItemString(more.get(), "raised", raised) < 0)
      return;
  }
  if (!arguments || !more || !url_text ||
      !add(more.get(), "url", url_text.get()))
    return;
  if (error.verify_code) {
    const Ref verify_code = Ref::steal(PyLong_FromLong(error.verify_code));
    if (!verify_code || !add(more.get(), "verify_code", verify_code.get()))
      return;
  }
  const Ref exception = Ref::steal(PyObject_Call(
      engine.imports().error_from.get(), arguments.get(), more.get()));
  if (exception)
    PyErr_SetObject(reinterpret_cast<PyObject*>(Py_TYPE(exception.get())),
                    exception.get());
}

// What from_error() is told of the way that the exchange went.
Ref way_of(const http::Exchange& exchange, const http::Origin& origin) {
  if (!origin.unix_path.empty())
    return Ref::steal(
        Py_BuildValue("{sy#}", "unix_path", origin.unix_path.data(),
                      static_cast<Py_ssize_t>(origin.unix_path.size())));
  if (!origin.proxy) return Ref::steal(PyDict_New());
  const http::Proxy& proxy = *origin.proxy;
  const http::ProxyAnswer& answer = exchange.proxy_answer();
  return Ref::steal(Py_BuildValue(
      "{s(sHOOy#y#)}", "proxy", proxy.address.host.c_str(), proxy.address.port,
      proxy.tls ? Py_True : Py_False, answer.reached ? Py_True : Py_False,
      proxy.connect_fields.data(),
      static_cast<Py_ssize_t>(proxy.connect_fields.size()), answer.head.data(),
      static_cast<Py_ssize_t>(answer.head.size())));
}

}  // namespace

void raise_error(Engine& engine, const http::Exchange& exchange,
                 PyObject* response) {
  const http::Url& url = exchange.url();
  Ref more = way_of(exchange, exchange.origin());
  if (!more || !add(more.get(), "response", response) ||
      !add(more.get(), "has_head", exchange.has_head() ? Py_True : Py_False))
    return;
  const auto& extras = response_of(response).extras;
  if (extras && extras->ssl && !add(more.get(), "ssl", extras->ssl)) return;
  raise_error(engine, exchange.error(), url.host, url.port, url.to_string(),
              std::move(more));
}

void raise_error(Engine& engine, const Error& error, const http::Url& url) {
  raise_error(engine, error, url.host, url.port, url.to_string(),
              Ref::steal(PyDict_New()));
}

void raise_error(Engine& engine, const Error& error, std::string_view url) {
  raise_error(engine, error, "", 0, url, Ref::steal(PyDict_New()));
}

}  // namespace molotov::python
