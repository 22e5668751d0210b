#include "python/prepared_request.h"

#include "python/body_writer.h"
#include "python/engine.h"
#include "python/route.h"
#include "python/security.h"
#include "python/session_options.h"

namespace molotov::python {

namespace {

// The body of a prepared request: bytes, None, a part of a file, or an Upload.
bool read_body(PyObject* body, RequestExtras& extras) {
  if (body == Py_None) return true;
  if (PyBytes_Check(body)) {
    extras.body = view_of(body);
    return true;
  }
  if (PyTuple_Check(body)) {
    unsigned long long offset, size;
    int file;
    PyObject* keeper;  // of the descriptor
    if (!PyArg_ParseTuple(body, "iKKO;a file", &file, &offset, &size, &keeper))
      return false;
    extras.file = http::FileRange{file, offset, size};
    return true;
  }
  extras.upload = body;
  const Ref writer = Ref::steal(PyObject_GetAttrString(body, "writer"));
  extras.queue = writer ? queue_of(writer.get()) : nullptr;
  return extras.queue != nullptr;
}

// What molotov._request.prepare_request() says: see there. The views are into
// `prepared`, which the extras keep.
bool read_extras(const Session& session, PyObject* prepared,
                 RequestExtras& extras, PyObject*& method, PyObject*& url,
                 http::UrlForm& form) {
  PyObject *host, *fields, *cookies, *last_fields, *body, *content_fields;
  PyObject *timeout, *security;
  PyObject *told_body, *reading, *check, *router, *name;
  int requotes, framed, follow, max_redirects, raises, expects;
  if (!PyArg_ParseTuple(prepared, "UUpSSSSpOOSOpiOppOOOOOU;a prepared request",
                        &method, &url, &requotes, &host, &fields, &cookies,
                        &last_fields, &framed, &body, &told_body,
                        &content_fields, &timeout, &follow, &max_redirects,
                        &security, &raises, &expects, &reading, &check,
                        &extras.route, &router, &extras.ssl, &name))
    return false;
  form = form_of(requotes);
  extras.host = view_of(host);
  extras.last_fields = view_of(last_fields);
  extras.name = utf8_of(name);
  extras.fields_frame_body = framed;
  extras.fields = view_of(fields);
  extras.cookies = view_of(cookies);
  if (!read_body(body, extras)) return false;
  extras.told_body = told_body;
  extras.content_fields = view_of(content_fields);
  extras.options = session.options;
  extras.options.follow_redirects = follow;
  extras.options.max_redirects = max_redirects;
  if (!read_security(security, extras.security)) return false;
  extras.security_object = security;
  extras.options.security = &extras.security;
  extras.options.expect_continue = expects;
  extras.raise_for_status = raises;
  if (reading != Py_None) {
    if (!read_reading(reading, extras.options, extras.head_limits))
      return false;
  }
  if (check != Py_None) extras.check = Ref::borrow(check);
  extras.keeper = Ref::borrow(prepared);
  if (router != Py_None)
    extras.router =
        std::make_unique<PythonRouter>(session.engine, router, extras.security);
  return timeout == Py_None || read_timeout(timeout, extras.options.timeout);
}

}  // namespace

bool PreparedRequest::read(Session& session, PyObject* prepared) {
  PyObject *verb, *url;
  http::UrlForm form;
  if (!read_extras(session, prepared, *extras, verb, url, form)) return false;
  method = utf8_of(verb);
  target = Ref::steal(session.engine.targets().find(
      url, extras->security_object, extras->route, form));
  return bool(target);
}

}  // namespace molotov::python
