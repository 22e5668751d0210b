#include <new>

#include "python/awaitable.h"
#include "python/engine.h"
#include "python/spares.h"
#include "python/websocket_object.h"

namespace molotov::python {

namespace {

// Whoever sends waits while more than this is not sent, as under asyncio.
constexpr size_t kFullBytes = 64 * 1024;

struct SendObject {
  PyObject_HEAD PyObject* websocket;
  PyObject* data;
  http::Opcode opcode;
  bool written;
  int deflate_bits;
  Waiter waiter;
};

PyTypeObject* send_type = nullptr;
Spares<SendObject> spares;

SendObject* object_of(PyObject* self) {
  return reinterpret_cast<SendObject*>(self);
}

bool write_view(SendObject* send, WebSocketState& state,
                std::string_view bytes) {
  const bool refused = state.close_sent && !http::is_control(send->opcode);
  if (!refused && state.socket().write(send->opcode, bytes, send->deflate_bits))
    return true;
  raise_websocket_closed(state.engine(), "Cannot write to closing transport");
  return false;
}

bool write_data(SendObject* send, WebSocketState& state) {
  if (PyUnicode_Check(send->data)) {
    const std::string_view text = utf8_of(send->data);
    return !PyErr_Occurred() && write_view(send, state, text);
  }
  Py_buffer bytes;
  if (PyObject_GetBuffer(send->data, &bytes, PyBUF_SIMPLE) < 0) return false;
  const bool written = write_view(
      send, state,
      {static_cast<const char*>(bytes.buf), static_cast<size_t>(bytes.len)});
  PyBuffer_Release(&bytes);
  return written;
}

PySendResult send_send(PyObject* self, PyObject*, PyObject** result) {
  SendObject* const send = object_of(self);
  WebSocketState& state = *websocket_of(send->websocket)->state;
  *result = nullptr;
  if (!send->written) {
    if (!write_data(send, state)) return PYGEN_ERROR;
    send->written = true;
  } else if (!state.socket().is_open()) {
    raise_websocket_closed(state.engine(), "Connection lost");
    return PYGEN_ERROR;
  }
  if (state.socket().unsent_bytes() <= kFullBytes) {
    *result = Py_NewRef(Py_None);
    return PYGEN_RETURN;
  }
  *result = send->waiter.park(state.engine(), self);
  if (!*result) return PYGEN_ERROR;
  if (!send->waiter.linked()) state.add_writer(send->waiter);
  return PYGEN_NEXT;
}

void abandon(PyObject* self) {
  object_of(self)->waiter.forget();
}

using Methods = Awaitable<send_send, abandon>;

int traverse(PyObject* self, visitproc visit, void* arg) {
  Py_VISIT(Py_TYPE(self));
  Py_VISIT(object_of(self)->websocket);
  Py_VISIT(object_of(self)->data);
  return 0;
}

void dealloc(PyObject* self) {
  PyObject_GC_UnTrack(self);
  SendObject* const send = object_of(self);
  send->waiter.~Waiter();
  Py_XDECREF(send->websocket);
  Py_XDECREF(send->data);
  spares.give_back(send);
}

PyType_Slot slots[] = {{Py_am_await, reinterpret_cast<void*>(Methods::await)},
                       {Py_am_send, reinterpret_cast<void*>(send_send)},
                       {Py_tp_iter, reinterpret_cast<void*>(Methods::await)},
                       {Py_tp_iternext, reinterpret_cast<void*>(Methods::next)},
                       {Py_tp_dealloc, reinterpret_cast<void*>(dealloc)},
                       {Py_tp_traverse, reinterpret_cast<void*>(traverse)},
                       {Py_tp_methods, Methods::methods},
                       {0, nullptr}};

PyType_Spec spec = {
    "molotov._engine.WebSocketSend", sizeof(SendObject), 0,
    Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    slots};

}  // namespace

void raise_websocket_closed(Engine& engine, const char* what) {
  const Ref exception = Ref::steal(PyObject_CallFunction(
      engine.imports().error_from.get(), "ssi", "closing", what, 0));
  if (exception)
    PyErr_SetObject(reinterpret_cast<PyObject*>(Py_TYPE(exception.get())),
                    exception.get());
}

PyObject* make_send(PyObject* websocket, http::Opcode opcode, PyObject* data,
                    int deflate_bits) {
  SendObject* const send = spares.take(send_type);
  if (!send) return nullptr;
  send->websocket = Py_NewRef(websocket);
  send->data = Py_NewRef(data);
  send->opcode = opcode;
  send->written = false;
  send->deflate_bits = deflate_bits;
  new (&send->waiter) Waiter();
  PyObject_GC_Track(send);
  return reinterpret_cast<PyObject*>(send);
}

bool add_send_type(PyObject* module) {
  send_type = add_type(module, spec);
  return send_type != nullptr;
}

}  // namespace molotov::python
