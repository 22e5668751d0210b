#include "python/body_read.h"

#include <algorithm>
#include <new>

#include "python/awaitable.h"
#include "python/engine.h"
#include "python/error.h"
#include "python/plain_decode.h"
#include "python/response.h"

namespace molotov::python {

namespace {

// What is read at once from the kernel, as elsewhere.
constexpr size_t kDirectBytes = 64 * 1024;

struct BodyReadObject {
  PyObject_HEAD PyObject* response;
  PyObject* arguments;
  Py_ssize_t size;
  BodyRead kind;
  Waiter waiter;
};

PyTypeObject* body_read_type = nullptr;

BodyReadObject* object_of(PyObject* self) {
  return reinterpret_cast<BodyReadObject*>(self);
}

bool is_there(const BodyReadObject* read, http::Exchange& exchange) {
  if (exchange.done() || exchange.failed()) return true;
  if (read->kind == BodyRead::none)
    return exchange.body().size() >= static_cast<size_t>(read->size);
  return read->kind == BodyRead::some && !exchange.body().empty();
}

Ref take(http::Exchange& exchange, size_t most) {
  const std::string_view there = exchange.body().substr(0, most);
  Ref bytes = bytes_of(there);
  if (bytes && !there.empty()) exchange.consume_body(there.size());
  return bytes;
}

// A piece of the body as it comes from the kernel, with no copy of it on the
// way. Nothing where none can be had so; then a Python error may be set.
Ref read_directly(http::Exchange& exchange, size_t most) {
  if (!exchange.may_read_body_into()) return {};
  most = std::min(most, kDirectBytes);
  Ref bytes = Ref::steal(
      PyBytes_FromStringAndSize(nullptr, static_cast<Py_ssize_t>(most)));
  if (!bytes) return {};
  char* const room = PyBytes_AS_STRING(bytes.get());
  const size_t got = exchange.read_body_into({room, most});
  if (got == most) return bytes;
  return got ? bytes_of({room, got}) : Ref();
}

// The whole body; nothing with a Python error set.
Ref whole_body(ResponseState& response) {
  if (!response.body) response.body = take(response.call.exchange(), SIZE_MAX);
  return Ref::borrow(response.body.get());
}

// decode_text(response, body, *args, **keywords), and decode_json alike.
PyObject* decoded(const BodyReadObject* read, PyObject* function,
                  const Ref& body) {
  if (!read->arguments) {
    PyObject* const given[] = {read->response, body.get()};
    return PyObject_Vectorcall(function, given, 2, nullptr);
  }
  const Ref first = Ref::steal(PyTuple_Pack(2, read->response, body.get()));
  if (!first) return nullptr;
  const Ref arguments = Ref::steal(
      PySequence_Concat(first.get(), PyTuple_GET_ITEM(read->arguments, 0)));
  PyObject* keywords = PyTuple_GET_ITEM(read->arguments, 1);
  if (!arguments) return nullptr;
  return PyObject_Call(function, arguments.get(),
                       keywords == Py_None ? nullptr : keywords);
}

// It was let go. What text() and json() need may be there all the same; an
// answer that has no body never held a connection.
bool is_out_of_reach(const BodyReadObject* read, ResponseState& response) {
  if (!response.call.released()) return false;
  if (response.body)
    return read->kind != BodyRead::text && read->kind != BodyRead::json;
  return response.call.exchange().fields().info.framing != http::Framing::none;
}

PyObject* value_of(const BodyReadObject* read, ResponseState& response) {
  http::Exchange& exchange = response.call.exchange();
  if (read->kind == BodyRead::none) return Py_NewRef(Py_None);
  const bool some = read->kind == BodyRead::some;
  const bool kept = bool(response.body);
  if (is_out_of_reach(read, response)) {
    raise_error(response.call.engine(),
                Error{ErrorCode::cancelled, 0, "Connection closed"},
                exchange.url());
    return nullptr;
  }
  if (exchange.failed() && !kept && !(some && !exchange.body().empty())) {
    raise_error(read->response);
    return nullptr;
  }
  if (some) return take(exchange, static_cast<size_t>(read->size)).release();
  if (read->kind == BodyRead::rest) return take(exchange, SIZE_MAX).release();
  Ref body = whole_body(response);
  if (!body || read->kind == BodyRead::all) return body.release();
  const bool is_text = read->kind == BodyRead::text;
  if (!read->arguments) {
    const bool asks = session_of(response.session.get()).asks_charset;
    Ref plain = is_text ? decode_plain_text(exchange, body, asks)
                        : decode_plain_json(exchange, body, asks);
    if (plain || PyErr_Occurred()) return plain.release();
  }
  const Imports& imports = response.call.engine().imports();
  return decoded(
      read, is_text ? imports.decode_text.get() : imports.decode_json.get(),
      body);
}

PySendResult send(PyObject* self, PyObject*, PyObject** result) {
  BodyReadObject* read = object_of(self);
  ResponseState& response = response_of(read->response);
  http::Exchange& exchange = response.call.exchange();
  response.call.engine().enter();
  if (read->kind != BodyRead::some && read->kind != BodyRead::none)
    exchange.want_all();
  if (read->kind == BodyRead::some) {
    Ref piece = read_directly(exchange, static_cast<size_t>(read->size));
    if (!piece && PyErr_Occurred()) return PYGEN_ERROR;
    *result = piece.release();
    if (*result) return PYGEN_RETURN;
  }
  if (is_there(read, exchange) || response.body) {
    *result = value_of(read, response);
    return *result ? PYGEN_RETURN : PYGEN_ERROR;
  }
  *result = read->waiter.park(response.call.engine(), self);
  if (!*result) return PYGEN_ERROR;
  if (!read->waiter.linked()) response.call.add(read->waiter);
  return PYGEN_NEXT;
}

void abandon(PyObject* self) {
  object_of(self)->waiter.forget();
}

using Methods = Awaitable<send, abandon>;

int traverse(PyObject* self, visitproc visit, void* arg) {
  Py_VISIT(Py_TYPE(self));
  Py_VISIT(object_of(self)->response);
  Py_VISIT(object_of(self)->arguments);
  return 0;
}

void dealloc(PyObject* self) {
  BodyReadObject* read = object_of(self);
  PyTypeObject* type = Py_TYPE(self);
  PyObject_GC_UnTrack(self);
  read->waiter.~Waiter();
  Py_XDECREF(read->response);
  Py_XDECREF(read->arguments);
  type->tp_free(self);
  Py_DECREF(type);
}

PyType_Slot slots[] = {{Py_am_await, reinterpret_cast<void*>(Methods::await)},
                       {Py_am_send, reinterpret_cast<void*>(send)},
                       {Py_tp_iter, reinterpret_cast<void*>(Methods::await)},
                       {Py_tp_iternext, reinterpret_cast<void*>(Methods::next)},
                       {Py_tp_dealloc, reinterpret_cast<void*>(dealloc)},
                       {Py_tp_traverse, reinterpret_cast<void*>(traverse)},
                       {Py_tp_methods, Methods::methods},
                       {0, nullptr}};

PyType_Spec spec = {
    "molotov._engine.BodyRead", sizeof(BodyReadObject), 0,
    Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    slots};

}  // namespace

PyObject* make_body_read(PyObject* response, BodyRead kind, Py_ssize_t size,
                         PyObject* arguments) {
  BodyReadObject* read = PyObject_GC_New(BodyReadObject, body_read_type);
  if (!read) return nullptr;
  read->response = Py_NewRef(response);
  read->arguments = Py_XNewRef(arguments);
  read->size = size;
  read->kind = kind;
  new (&read->waiter) Waiter();
  PyObject_GC_Track(read);
  return reinterpret_cast<PyObject*>(read);
}

bool add_body_read_type(PyObject* module) {
  body_read_type = add_type(module, spec);
  return body_read_type != nullptr;
}

}  // namespace molotov::python
