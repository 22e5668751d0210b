#include <memory>
#include <new>

#include "python/awaitable.h"
#include "python/engine.h"
#include "python/spares.h"
#include "python/websocket_object.h"

namespace molotov::python {

namespace {

// Ends a wait.
class Deadline final : public io::Timer {
 public:
  explicit Deadline(WebSocketState& state) : state_(state) {}
  bool passed() const { return passed_; }

 private:
  void on_timer() override {
    passed_ = true;
    state_.wake_readers();
  }
  WebSocketState& state_;
  bool passed_ = false;
};

struct ReceiveObject {
  PyObject_HEAD PyObject* websocket;
  PyObject* inner;  // the iterator of what Python does about a message
  Receiving how;
  bool begun;
  bool receiving;  // it is what the WebSocket's state calls so
  Duration timeout;
  std::unique_ptr<Deadline> deadline;
  Waiter waiter;
};

PyTypeObject* receive_type = nullptr;
Spares<ReceiveObject> spares;
PyObject *receive_ended, *receive_other, *receive_failed;  // names
PyObject* no_text = nullptr;
PyObject *set_result, *done;

ReceiveObject* object_of(PyObject* self) {
  return reinterpret_cast<ReceiveObject*>(self);
}

WebSocketState& state_of(const ReceiveObject* receive) {
  return *websocket_of(receive->websocket)->state;
}

// A WSMessage; the references are stolen, nullptr is an error that is set.
PyObject* make_message(PyObject* type, PyObject* kind, PyObject* data,
                       PyObject* extra) {
  if (!data || !extra) {
    Py_XDECREF(data);
    Py_XDECREF(extra);
    return nullptr;
  }
  auto* const tuple_type = reinterpret_cast<PyTypeObject*>(type);
  PyObject* const message = tuple_type->tp_alloc(tuple_type, 3);
  if (!message) {
    Py_DECREF(data);
    Py_DECREF(extra);
    return nullptr;
  }
  PyTuple_SET_ITEM(message, 0, Py_NewRef(kind));
  PyTuple_SET_ITEM(message, 1, data);
  PyTuple_SET_ITEM(message, 2, extra);
  return message;
}

PyObject* bytes_from(std::string_view bytes) {
  return PyBytes_FromStringAndSize(bytes.data(),
                                   static_cast<Py_ssize_t>(bytes.size()));
}

PyObject* text_from(std::string_view text) {
  return PyUnicode_DecodeUTF8(text.data(), static_cast<Py_ssize_t>(text.size()),
                              nullptr);
}

PyObject* message_from(const WebSocketState& state,
                       const http::WebSocketMessage& message) {
  using http::Opcode;
  PyObject* const type = state.kind(kMessageType);
  switch (message.opcode) {
    case Opcode::text:
      if (state.decodes_text)
        return make_message(type, state.kind(kText), text_from(message.payload),
                            Py_NewRef(no_text));
      return make_message(state.kind(kTextBytesType), state.kind(kText),
                          bytes_from(message.payload), Py_NewRef(no_text));
    case Opcode::ping:
      return make_message(type, state.kind(kPing), bytes_from(message.payload),
                          Py_NewRef(no_text));
    case Opcode::pong:
      return make_message(type, state.kind(kPong), bytes_from(message.payload),
                          Py_NewRef(no_text));
    case Opcode::close:
      return make_message(type, state.kind(kClose),
                          PyLong_FromLong(message.close_code),
                          text_from(message.payload));
    default:
      return make_message(type, state.kind(kBinary),
                          bytes_from(message.payload), Py_NewRef(no_text));
  }
}

// It waits no more: whoever wants to close goes on.
void end_receiving(ReceiveObject* receive) {
  receive->waiter.forget();
  receive->deadline.reset();
  if (!std::exchange(receive->receiving, false)) return;
  WebSocketObject* const websocket = websocket_of(receive->websocket);
  websocket->state->receiving = false;
  if (!websocket->close_wait || websocket->close_wait == Py_None) return;
  const Ref future = Ref::borrow(websocket->close_wait);
  const Ref is_done = Ref::steal(PyObject_CallMethodNoArgs(future.get(), done));
  const Ref set = Ref::steal(
      is_done.get() == Py_False
          ? PyObject_CallMethodOneArg(future.get(), set_result, Py_None)
          : nullptr);
  if (PyErr_Occurred()) PyErr_WriteUnraisable(future.get());
  websocket->state->engine().note_user_code();
}

void set_abnormal(ReceiveObject* receive) {
  if (receive->how == Receiving::raw) return;
  Py_XSETREF(websocket_of(receive->websocket)->close_code,
             Py_NewRef(state_of(receive).kind(kAbnormalClosure)));
}

// Gives a message to who awaits it; iterating ends with the last ones.
PySendResult deliver(const ReceiveObject* receive, PyObject* message,
                     PyObject** result) {
  if (!message) return PYGEN_ERROR;
  if (receive->how == Receiving::iteration) {
    PyObject* const kind = PyTuple_GET_ITEM(message, 0);
    const WebSocketState& state = state_of(receive);
    if (kind == state.kind(kClose) || kind == state.kind(kClosing) ||
        kind == state.kind(kClosed)) {
      Py_DECREF(message);
      PyErr_SetNone(PyExc_StopAsyncIteration);
      return PYGEN_ERROR;
    }
  }
  *result = message;
  return PYGEN_RETURN;
}

PySendResult finish_inner(ReceiveObject* receive, PySendResult sent,
                          PyObject** result) {
  if (sent == PYGEN_NEXT) return sent;
  Py_CLEAR(receive->inner);
  if (sent == PYGEN_ERROR) return sent;
  return deliver(receive, std::exchange(*result, nullptr), result);
}

PySendResult drive(ReceiveObject* receive, PyObject** result) {
  const Ref inner = Ref::borrow(receive->inner);
  return finish_inner(receive, PyIter_Send(inner.get(), Py_None, result),
                      result);
}

// Has the method of the WebSocket object go on with it.
PySendResult hand_over(ReceiveObject* receive, PyObject* method,
                       PyObject* argument, PyObject** result) {
  end_receiving(receive);
  Ref coroutine = Ref::steal(
      argument ? PyObject_CallMethodOneArg(receive->websocket, method, argument)
               : PyObject_CallMethodNoArgs(receive->websocket, method));
  if (!coroutine) return PYGEN_ERROR;
  Ref iterator = await_iterator(std::move(coroutine));
  if (!iterator) return PYGEN_ERROR;
  receive->inner = iterator.release();
  return drive(receive, result);
}

// molotov.client.websocket makes the exception.
Ref failure_of(ReceiveObject* receive) {
  const http::WebSocketFailure& failure = state_of(receive).socket().failure();
  return Ref::steal(Py_BuildValue(
      "(is#)", static_cast<int>(failure.close_code), failure.what.data(),
      static_cast<Py_ssize_t>(failure.what.size())));
}

PySendResult on_failure(ReceiveObject* receive, PyObject** result) {
  const Ref failure = failure_of(receive);
  if (!failure) return PYGEN_ERROR;
  if (receive->how != Receiving::raw)
    return hand_over(receive, receive_failed, failure.get(), result);
  end_receiving(receive);
  const Ref raised = Ref::steal(PyObject_CallMethod(
      receive->websocket, "_exception_of", "O", failure.get()));
  if (raised)
    PyErr_SetObject(reinterpret_cast<PyObject*>(Py_TYPE(raised.get())),
                    raised.get());
  return PYGEN_ERROR;
}

PySendResult on_end(ReceiveObject* receive, PyObject** result) {
  if (receive->how != Receiving::raw)
    return hand_over(receive, receive_ended, nullptr, result);
  end_receiving(receive);
  *result = Py_NewRef(Py_None);
  return PYGEN_RETURN;
}

// Of a message that Python sent in between.
PySendResult on_injected(ReceiveObject* receive, Ref message,
                         PyObject** result) {
  end_receiving(receive);
  if (PyTuple_GET_ITEM(message.get(), 0) == state_of(receive).kind(kClosing))
    websocket_of(receive->websocket)->closing = 1;
  return deliver(receive, message.release(), result);
}

PySendResult on_message(ReceiveObject* receive,
                        const http::WebSocketMessage& message,
                        PyObject** result) {
  WebSocketState& state = state_of(receive);
  PyObject* const made = message_from(state, message);
  state.socket().drop_message();
  const bool is_close = message.opcode == http::Opcode::close;
  if (made && is_close && receive->how != Receiving::raw) {
    const Ref close = Ref::steal(made);
    return hand_over(receive, receive_other, close.get(), result);
  }
  end_receiving(receive);
  return deliver(receive, made, result);
}

// What receive() does not tell of. False with a Python error set.
bool answer_ping(ReceiveObject* receive,
                 const http::WebSocketMessage& message) {
  if (message.opcode != http::Opcode::ping) return true;
  WebSocketState& state = state_of(receive);
  const std::string payload(message.payload);
  if (state.socket().write(http::Opcode::pong, payload)) return true;
  raise_websocket_closed(state.engine(), "Cannot write to closing transport");
  return false;
}

PySendResult park(PyObject* self, PyObject** result) {
  ReceiveObject* const receive = object_of(self);
  WebSocketState& state = state_of(receive);
  *result = receive->waiter.park(state.engine(), self);
  if (!*result) return PYGEN_ERROR;
  if (!receive->waiter.linked()) state.add_reader(receive->waiter);
  return PYGEN_NEXT;
}

PySendResult read_on(PyObject* self, PyObject** result) {
  ReceiveObject* const receive = object_of(self);
  WebSocketState& state = state_of(receive);
  for (;;) {
    if (receive->receiving)
      if (Ref message = state.take_injected())
        return on_injected(receive, std::move(message), result);
    if (receive->deadline && receive->deadline->passed()) {
      end_receiving(receive);
      set_abnormal(receive);
      PyErr_SetNone(PyExc_TimeoutError);
      return PYGEN_ERROR;
    }
    http::WebSocketMessage message;
    switch (state.socket().read(message)) {
      case http::WebSocket::Read::nothing:
        return park(self, result);
      case http::WebSocket::Read::failed:
        return on_failure(receive, result);
      case http::WebSocket::Read::ended:
      case http::WebSocket::Read::broken:
        return on_end(receive, result);
      case http::WebSocket::Read::message:
        break;
    }
    const bool quiet = state.autoping && receive->how != Receiving::raw &&
                       (message.opcode == http::Opcode::ping ||
                        message.opcode == http::Opcode::pong);
    if (!quiet) return on_message(receive, message, result);
    if (!answer_ping(receive, message)) {
      end_receiving(receive);
      return PYGEN_ERROR;
    }
  }
}

PySendResult begin(PyObject* self, PyObject** result) {
  ReceiveObject* const receive = object_of(self);
  WebSocketObject* const websocket = websocket_of(receive->websocket);
  WebSocketState& state = *websocket->state;
  receive->begun = true;
  if (receive->how != Receiving::raw) {
    if (state.receiving) {
      PyErr_SetString(PyExc_RuntimeError,
                      "Concurrent call to receive() is not allowed");
      return PYGEN_ERROR;
    }
    if (websocket->closed || websocket->closing)
      return hand_over(receive, receive_other, Py_None, result);
    state.receiving = receive->receiving = true;
  }
  if (receive->timeout > 0ns) {
    receive->deadline = std::make_unique<Deadline>(state);
    state.engine().loop().arm_after(*receive->deadline, receive->timeout);
  }
  return read_on(self, result);
}

PySendResult send(PyObject* self, PyObject*, PyObject** result) {
  ReceiveObject* const receive = object_of(self);
  *result = nullptr;
  if (receive->inner) return drive(receive, result);
  if (!receive->begun) return begin(self, result);
  return read_on(self, result);
}

// Cancelled, mostly.
void abandon(PyObject* self) {
  ReceiveObject* const receive = object_of(self);
  if (receive->receiving) set_abnormal(receive);
  end_receiving(receive);
}

using Methods = Awaitable<send, abandon>;

PyObject* throw_method(PyObject* self, PyObject* thrown) {
  ReceiveObject* const receive = object_of(self);
  if (!receive->inner) return Methods::throw_(self, thrown);
  PyObject* result = nullptr;
  const Ref inner = Ref::borrow(receive->inner);
  const PySendResult sent =
      finish_inner(receive, throw_into(inner.get(), thrown, &result), &result);
  return result_of_send(sent, result);
}

PyObject* close(PyObject* self, PyObject*) {
  const Ref inner = Ref::steal(std::exchange(object_of(self)->inner, nullptr));
  const bool closed = !inner || close_iterator(inner.get());
  abandon(self);
  if (!closed) return nullptr;
  Py_RETURN_NONE;
}

int traverse(PyObject* self, visitproc visit, void* arg) {
  Py_VISIT(Py_TYPE(self));
  Py_VISIT(object_of(self)->websocket);
  Py_VISIT(object_of(self)->inner);
  return 0;
}

void dealloc(PyObject* self) {
  PyObject_GC_UnTrack(self);
  ReceiveObject* const receive = object_of(self);
  end_receiving(receive);
  std::destroy_at(&receive->deadline);
  receive->waiter.~Waiter();
  Py_CLEAR(receive->inner);
  Py_CLEAR(receive->websocket);
  spares.give_back(receive);
}

PyMethodDef methods[] = {{"send", Methods::send, METH_O, nullptr},
                         {"throw", throw_method, METH_VARARGS, nullptr},
                         {"close", close, METH_NOARGS, nullptr},
                         {nullptr, nullptr, 0, nullptr}};

PyType_Slot slots[] = {{Py_am_await, reinterpret_cast<void*>(Methods::await)},
                       {Py_am_send, reinterpret_cast<void*>(send)},
                       {Py_tp_iter, reinterpret_cast<void*>(Methods::await)},
                       {Py_tp_iternext, reinterpret_cast<void*>(Methods::next)},
                       {Py_tp_dealloc, reinterpret_cast<void*>(dealloc)},
                       {Py_tp_traverse, reinterpret_cast<void*>(traverse)},
                       {Py_tp_methods, methods},
                       {0, nullptr}};

PyType_Spec spec = {
    "molotov._engine.WebSocketReceive", sizeof(ReceiveObject), 0,
    Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    slots};

}  // namespace

PyObject* make_receive(PyObject* websocket, Receiving how, Duration timeout) {
  ReceiveObject* const receive = spares.take(receive_type);
  if (!receive) return nullptr;
  receive->websocket = Py_NewRef(websocket);
  receive->inner = nullptr;
  receive->how = how;
  receive->begun = receive->receiving = false;
  receive->timeout = timeout;
  new (&receive->deadline) std::unique_ptr<Deadline>();
  new (&receive->waiter) Waiter();
  PyObject_GC_Track(receive);
  return reinterpret_cast<PyObject*>(receive);
}

bool add_receive_type(PyObject* module) {
  receive_type = add_type(module, spec);
  receive_ended = PyUnicode_InternFromString("_receive_end");
  receive_other = PyUnicode_InternFromString("_receive_close");
  receive_failed = PyUnicode_InternFromString("_receive_failure");
  set_result = PyUnicode_InternFromString("set_result");
  done = PyUnicode_InternFromString("done");
  no_text = PyUnicode_FromStringAndSize(nullptr, 0);
  return receive_type && receive_ended && receive_other && receive_failed &&
         set_result && done && no_text;
}

}  // namespace molotov::python
