#include "python/request.h"

#include <new>
#include <string>

#include "python/async_with.h"
#include "python/awaitable.h"
#include "python/engine.h"
#include "python/response.h"
#include "python/spares.h"

namespace molotov::python {

namespace {

struct RequestObject {
  PyObject_HEAD vectorcallfunc enter_or_exit;
  PyObject* session;
  PyObject* target;
  PyObject* response;  // once it is started
  std::unique_ptr<RequestExtras> extras;
  std::string_view method;
  bool observed;
  Waiter waiter;
};

PyTypeObject* request_type = nullptr;
Spares<RequestObject> spares;

RequestObject* object_of(PyObject* self) {
  return reinterpret_cast<RequestObject*>(self);
}

bool start(RequestObject* request) {
  Session& session = session_of(request->session);
  if (session.closed) {
    PyErr_SetString(PyExc_RuntimeError, "Session is closed");
    return false;
  }
  request->response =
      make_response(session.engine, request->session, request->target);
  if (!request->response) return false;
  ResponseState& response = response_of(request->response);
  response.extras = std::move(request->extras);

  http::RequestParts parts;
  parts.method = request->method;
  parts.target = &target_in(request->target);
  const http::ExchangeOptions* options = &session.options;
  if (RequestExtras* extras = response.extras.get()) {
    parts.own_fields = extras->fields;
    parts.own_cookies = extras->cookies;
    parts.body = extras->body;
    parts.content_fields = extras->content_fields;
    options = &extras->options;
  }
  // A request's own fields replace the session's altogether, since they were
  // merged with them.
  if (parts.own_fields.empty()) parts.fields = session.fields;
  http::ExchangeOptions gated;
  if (request->observed) {
    gated = *options;
    gated.gated = true;
    options = &gated;
  }
  response.call.start(session, parts, *options);
  return true;
}

PySendResult finish(RequestObject* request, PyObject** result) {
  ResponseState& response = response_of(request->response);
  http::Exchange& exchange = response.call.exchange();
  if (exchange.failed() && !exchange.has_head()) {
    raise_error(response);
    return PYGEN_ERROR;
  }
  if (!set_status(request->response)) return PYGEN_ERROR;
  const bool raises = response.extras
                          ? response.extras->raise_for_status
                          : session_of(request->session).raise_for_status;
  if (raises && exchange.status() >= 400) {
    const Ref raised = Ref::steal(
        PyObject_CallMethod(request->response, "raise_for_status", nullptr));
    if (!raised) return PYGEN_ERROR;
  }
  *result = Py_NewRef(request->response);
  return PYGEN_RETURN;
}

PySendResult send(PyObject* self, PyObject*, PyObject** result) {
  RequestObject* request = object_of(self);
  *result = nullptr;
  if (!request->response && !start(request)) return PYGEN_ERROR;
  ResponseState& response = response_of(request->response);
  const http::Exchange& exchange = response.call.exchange();
  if (exchange.failed() || exchange.has_head()) return finish(request, result);
  if (exchange.state() == http::Exchange::State::ready) {
    *result = Py_NewRef(Py_None);
    return PYGEN_RETURN;
  }
  *result = request->waiter.park(response.call.engine(), self);
  if (!*result) return PYGEN_ERROR;
  if (!request->waiter.linked()) response.call.add(request->waiter);
  return PYGEN_NEXT;
}

void abandon(PyObject* self) {
  RequestObject* request = object_of(self);
  request->waiter.forget();
  if (!request->response) return;
  ResponseState& response = response_of(request->response);
  if (response.call.started()) response.call.exchange().cancel();
}

using Methods = Awaitable<send, abandon>;

// __aenter__() and __aexit__(type, exception, traceback): see async_with.h.
PyObject* enter_or_exit(PyObject* self, PyObject* const*, size_t flags,
                        PyObject* names) {
  const Py_ssize_t count = PyVectorcall_NARGS(flags);
  if (count == 0 && !names) return Py_NewRef(self);
  if (count != 3 || names) {
    PyErr_SetString(PyExc_TypeError, "a request is not called but awaited");
    return nullptr;
  }
  RequestObject* request = object_of(self);
  if (request->response)
    response_of(request->response).call.exchange().cancel();
  return make_ready(Py_NewRef(Py_None));
}

// The exchange; nullptr with a Python error set while it has not started.
http::Exchange* started(PyObject* self) {
  PyObject* response = object_of(self)->response;
  if (response) return &response_of(response).call.exchange();
  PyErr_SetString(PyExc_RuntimeError, "the request has not started");
  return nullptr;
}

// _hop(): (method, URL, head, body) of what is about to be sent.
PyObject* hop(PyObject* self, PyObject*) {
  http::Exchange* exchange = started(self);
  if (!exchange) return nullptr;
  const std::string url = exchange->url().to_string();
  std::string head;
  exchange->render_head(head);
  const RequestExtras* extras =
      response_of(object_of(self)->response).extras.get();
  PyObject* body =
      extras && exchange->has_request_body() ? extras->body_object : Py_None;
  const Ref method = str_of(exchange->method());
  const Ref where = str_of(url);
  const Ref sent = bytes_of(head);
  if (!method || !where || !sent) return nullptr;
  return PyTuple_Pack(4, method.get(), where.get(), sent.get(), body);
}

// _proceed(): sends it.
PyObject* proceed(PyObject* self, PyObject*) {
  http::Exchange* exchange = started(self);
  if (!exchange) return nullptr;
  exchange->proceed();
  Py_RETURN_NONE;
}

int traverse(PyObject* self, visitproc visit, void* arg) {
  Py_VISIT(Py_TYPE(self));
  Py_VISIT(object_of(self)->session);
  Py_VISIT(object_of(self)->response);
  return 0;
}

void dealloc(PyObject* self) {
  RequestObject* request = object_of(self);
  PyObject_GC_UnTrack(self);
  request->waiter.~Waiter();
  std::destroy_at(&request->extras);
  Py_XDECREF(request->response);
  Py_XDECREF(request->target);
  Py_XDECREF(request->session);
  spares.give_back(request);
}

PyMethodDef methods[] = {{"send", Methods::send, METH_O, nullptr},
                         {"throw", Methods::throw_, METH_VARARGS, nullptr},
                         {"close", Methods::close, METH_NOARGS, nullptr},
                         {"_hop", hop, METH_NOARGS, nullptr},
                         {"_proceed", proceed, METH_NOARGS, nullptr},
                         {nullptr, nullptr, 0, nullptr}};

// The call lies right behind the head: offsetof takes standard layouts only.
PyMemberDef members[] = {
    {"__vectorcalloffset__", kPySsizeT, sizeof(PyObject), kReadOnly, nullptr},
    {nullptr, 0, 0, 0, nullptr}};

PyType_Slot slots[] = {
    {Py_tp_doc, const_cast<char*>("A request: await it, or `async with` it.")},
    {Py_am_await, reinterpret_cast<void*>(Methods::await)},
    {Py_am_send, reinterpret_cast<void*>(send)},
    {Py_tp_iter, reinterpret_cast<void*>(Methods::await)},
    {Py_tp_iternext, reinterpret_cast<void*>(Methods::next)},
    {Py_tp_dealloc, reinterpret_cast<void*>(dealloc)},
    {Py_tp_traverse, reinterpret_cast<void*>(traverse)},
    {Py_tp_call, reinterpret_cast<void*>(PyVectorcall_Call)},
    {Py_tp_methods, methods},
    {Py_tp_members, members},
    {0, nullptr}};

PyType_Spec spec = {"molotov._engine.Request", sizeof(RequestObject), 0,
                    Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC |
                        Py_TPFLAGS_HAVE_VECTORCALL |
                        Py_TPFLAGS_DISALLOW_INSTANTIATION,
                    slots};

}  // namespace

PyObject* make_request(PyObject* session, std::string_view method,
                       PyObject* target,
                       std::unique_ptr<RequestExtras> extras) {
  RequestObject* request = spares.take(request_type);
  if (!request) return nullptr;
  request->enter_or_exit = enter_or_exit;
  request->session = Py_NewRef(session);
  request->target = Py_NewRef(target);
  request->response = nullptr;
  new (&request->extras) std::unique_ptr(std::move(extras));
  request->method = method;
  request->observed = session_of(session).observed;
  new (&request->waiter) Waiter();
  PyObject_GC_Track(request);
  auto* const made = reinterpret_cast<PyObject*>(request);
  if (!request->observed) return made;
  const Ref driven = Ref::steal(made);
  return PyObject_CallFunctionObjArgs(
      session_of(session).engine.imports().observed_request.get(), session,
      made, nullptr);
}

bool add_request_type(PyObject* module) {
  request_type = add_type(module, spec);
  return request_type && add_async_with(request_type);
}

}  // namespace molotov::python
