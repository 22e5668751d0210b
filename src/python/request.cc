#include "python/request.h"

#include <new>

#include "python/async_with.h"
#include "python/awaitable.h"
#include "python/client_request.h"
#include "python/engine.h"
#include "python/observed_request.h"
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
  bool gated;         // it is an observed one's
  bool awaits_place;  // and is awaited until it has one, first of all
  bool entered;
  Waiter waiter;
};

PyTypeObject* request_type = nullptr;

Spares<RequestObject> spares;

RequestObject* object_of(PyObject* self) {
  return reinterpret_cast<RequestObject*>(self);
}

// Has a body written that is made while it is sent.
bool start_upload(PyObject* object) {
  ResponseState& response = response_of(object);
  if (!response.extras || !response.extras->queue) return true;
  response.call.set_upload(*response.extras->queue);
  const Ref started = Ref::steal(
      PyObject_CallMethod(response.extras->upload, "start", nullptr));
  if (!started) response.call.cancel(object);
  return bool(started);
}

bool start(RequestObject* request) {
  Session& session = session_of(request->session);
  if (session.is_closed()) {
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
  const RequestExtras* extras = response.extras.get();
  if (extras) {
    parts.host = extras->host;
    parts.own_fields = extras->fields;
    parts.last_fields = extras->last_fields;
    parts.fields_frame_body = extras->fields_frame_body;
    parts.own_cookies = extras->cookies;
    parts.body = extras->body;
    parts.content_fields = extras->content_fields;
    parts.body_file = extras->file;
    parts.body_source = extras->queue;
    parts.router = extras->router.get();
    parts.name = extras->name;
    options = &extras->options;
  }
  if (!extras || extras->of_session) {
    const SessionFields& fields = session.fields();
    parts.host = fields.host;
    parts.fields = fields.fields;
    parts.own_cookies = fields.own_cookies;
    parts.last_fields = fields.last_fields;
  }
  http::ExchangeOptions gated;
  if (request->gated) {
    gated = *options;
    gated.gated = true;
    options = &gated;
  }
  session.engine.enter();
  response.call.start(session, parts, *options);
  return start_upload(request->response);
}

PySendResult finish(RequestObject* request, PyObject** result) {
  ResponseState& response = response_of(request->response);
  http::Exchange& exchange = response.call.exchange();
  if (exchange.failed() && !exchange.has_head()) {
    raise_error(request->response);
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
  response.in_block = request->entered;
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
  const http::Exchange::State state = exchange.state();
  if (state == http::Exchange::State::ready ||
      (request->awaits_place && state != http::Exchange::State::queued)) {
    request->awaits_place = false;
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
  if (response.call.started()) response.call.cancel(request->response);
}

using Methods = Awaitable<send, abandon>;

// __aenter__() and __aexit__(type, exception, traceback): see async_with.h.
PyObject* enter_or_exit(PyObject* self, PyObject* const*, size_t flags,
                        PyObject* names) {
  const Py_ssize_t count = PyVectorcall_NARGS(flags);
  if (count == 0 && !names) {
    object_of(self)->entered = true;
    return Py_NewRef(self);
  }
  if (count != 3 || names) {
    PyErr_SetString(PyExc_TypeError, "a request is not called but awaited");
    return nullptr;
  }
  RequestObject* request = object_of(self);
  if (PyObject* const response = request->response)
    response_of(response).call.cancel(response);
  return make_ready(Py_NewRef(Py_None));
}

// _begin(): starts it, without waiting, and says how far it is.
PyObject* begin(PyObject* self, PyObject*) {
  RequestObject* request = object_of(self);
  if (!request->response && !start(request)) return nullptr;
  const http::Exchange& exchange =
      response_of(request->response).call.exchange();
  request->awaits_place = exchange.state() == http::Exchange::State::queued;
  if (request->awaits_place) return PyUnicode_InternFromString("queued");
  return PyUnicode_InternFromString(
      exchange.timings().reused_connection ? "kept" : "connecting");
}

// Of one that was begun; nullptr with a Python error set.
ResponseState* begun(PyObject* self) {
  PyObject* response = object_of(self)->response;
  if (response) return &response_of(response);
  PyErr_SetString(PyExc_RuntimeError, "the request was not begun");
  return nullptr;
}

PyObject* told(PyObject* self, PyObject*) {
  return begun(self) ? make_client_request_of(self) : nullptr;
}

PyObject* proceed_method(PyObject* self, PyObject*) {
  if (!begun(self)) return nullptr;
  proceed(self);
  Py_RETURN_NONE;
}

PyObject* seconds_or_none(const std::optional<Duration>& span) {
  return span ? PyFloat_FromDouble(duration_to_seconds(*span))
              : Py_NewRef(Py_None);
}

// _looks_up(): whether the host's addresses are still not known.
PyObject* looks_up(PyObject* self, PyObject*) {
  ResponseState* state = begun(self);
  if (!state) return nullptr;
  return PyBool_FromLong(state->call.exchange().timings().connect.looking_up);
}

// _timings(): how long the name was looked up, and connecting and TLS took.
PyObject* timings(PyObject* self, PyObject*) {
  ResponseState* state = begun(self);
  if (!state) return nullptr;
  const http::Timings& timings = state->call.exchange().timings();
  const Ref dns = Ref::steal(seconds_or_none(timings.connect.dns));
  const Ref connect = Ref::steal(seconds_or_none(timings.connect.connect));
  const Ref tls = Ref::steal(seconds_or_none(timings.connect.tls));
  if (!dns || !connect || !tls) return nullptr;
  return PyTuple_Pack(3, dns.get(), connect.get(), tls.get());
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
                         {"_begin", begin, METH_NOARGS, nullptr},
                         {"_told", told, METH_NOARGS, nullptr},
                         {"_proceed", proceed_method, METH_NOARGS, nullptr},
                         {"_looks_up", looks_up, METH_NOARGS, nullptr},
                         {"_timings", timings, METH_NOARGS, nullptr},
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

namespace {

RequestObject* make(PyObject* session, std::string_view method,
                    PyObject* target, std::unique_ptr<RequestExtras> extras,
                    bool gated) {
  RequestObject* request = spares.take(request_type);
  if (!request) return nullptr;
  request->enter_or_exit = enter_or_exit;
  request->session = Py_NewRef(session);
  request->target = Py_NewRef(target);
  request->response = nullptr;
  new (&request->extras) std::unique_ptr(std::move(extras));
  request->method = method;
  request->gated = gated;
  request->entered = false;
  request->awaits_place = false;
  new (&request->waiter) Waiter();
  PyObject_GC_Track(request);
  return request;
}

}  // namespace

PyObject* make_request(PyObject* session, std::string_view method,
                       PyObject* target,
                       std::unique_ptr<RequestExtras> extras) {
  const bool gated = session_of(session).observed;
  RequestObject* request =
      make(session, method, target, std::move(extras), gated);
  auto* const made = reinterpret_cast<PyObject*>(request);
  if (!made || !gated) return made;
  const Ref driven = Ref::steal(made);
  return make_observed_request(session, made);
}

PyObject* make_staged_request(PyObject* session, std::string_view method,
                              PyObject* target,
                              std::unique_ptr<RequestExtras> extras) {
  return reinterpret_cast<PyObject*>(
      make(session, method, target, std::move(extras), true));
}

void set_entered(PyObject* request) {
  object_of(request)->entered = true;
}

PySendResult send_request(PyObject* request, PyObject** result) {
  return send(request, Py_None, result);
}

PyObject* make_client_request_of(PyObject* request) {
  ResponseState& response = response_of(object_of(request)->response);
  http::Exchange& exchange = response.call.exchange();
  PyObject* const body = response.extras && exchange.has_request_body()
                             ? response.extras->told_body
                             : nullptr;
  return make_client_request(exchange, object_of(request)->target, body);
}

void proceed(PyObject* request) {
  Call& call = response_of(object_of(request)->response).call;
  call.engine().enter();
  call.exchange().proceed();
}

void abandon_request(PyObject* request) {
  abandon(request);
}

bool add_request_type(PyObject* module) {
  request_type = add_type(module, spec);
  return request_type && add_async_with(request_type);
}

}  // namespace molotov::python
