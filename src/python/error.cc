#include "python/error.h"

#include <string>

#include "python/engine.h"

namespace molotov::python {

namespace {

void raise_error(Engine& engine, const Error& error, std::string_view host,
                 int port, std::string_view url) {
  const std::string_view code = to_string(error.code);
  const Ref arguments = Ref::steal(Py_BuildValue(
      "(s#s#is#i)", code.data(), static_cast<Py_ssize_t>(code.size()),
      error.detail.data(), static_cast<Py_ssize_t>(error.detail.size()),
      error.sys_errno, host.data(), static_cast<Py_ssize_t>(host.size()),
      port));
  const Ref keywords = Ref::steal(Py_BuildValue(
      "{ss#}", "url", url.data(), static_cast<Py_ssize_t>(url.size())));
  if (!arguments || !keywords) return;
  const Ref exception = Ref::steal(PyObject_Call(
      engine.imports().error_from.get(), arguments.get(), keywords.get()));
  if (exception)
    PyErr_SetObject(reinterpret_cast<PyObject*>(Py_TYPE(exception.get())),
                    exception.get());
}

}  // namespace

void raise_error(Engine& engine, const Error& error, const http::Url& url) {
  raise_error(engine, error, url.host, url.port, url.to_string());
}

void raise_error(Engine& engine, const Error& error, std::string_view url) {
  raise_error(engine, error, "", 0, url);
}

}  // namespace molotov::python
