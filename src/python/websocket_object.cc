#include "python/websocket_object.h"

#include <cstddef>
#include <string>

#include "python/engine.h"
#include "python/response.h"
#include "python/script_code.h"
#include "python/session_object.h"

namespace molotov::python {

WebSocketState::WebSocketState(Engine& engine, PyObject* object,
                               PyObject* session, PyObject* kinds,
                               http::Upgraded upgraded,
                               const http::WebSocketOptions& options,
                               Duration heartbeat)
    : engine_(engine),
      object_(object),
      session_(Ref::borrow(session)),
      kinds_(Ref::borrow(kinds)),
      heartbeat_(heartbeat),
      socket_(engine.http(), std::move(upgraded), options, *this) {
  session_of(session).websockets.push_back(*this);
  if (heartbeat > 0ns) engine.loop().arm_after(*this, heartbeat);
}

WebSocketState::~WebSocketState() = default;

void WebSocketState::wake(IntrusiveList<Waiter>& waiters) {
  while (Waiter* waiter = waiters.front()) waiter->wake(engine_);
}

void WebSocketState::inject(PyObject* message) {
  injected_ = Ref::borrow(message);
  wake(readers_);
}

void WebSocketState::shut() {
  if (!ScriptCode::runs()) return socket_.shut();
  do_later(engine_.loop(), Ref::borrow(object_), [this] { socket_.shut(); });
}

void WebSocketState::stop_heartbeat() {
  heartbeat_ = Duration(0);
  engine_.loop().disarm(*this);
}

// After so long without a byte from the server it is pinged; after half of that
// without one again it is taken for gone. What comes moves the timer only when
// it fires.
void WebSocketState::on_timer() {
  const Instant heard = socket_.heard_at();
  if (heard < pinged_at_ && pinged_at_ != Instant::max()) return tell_no_pong();
  pinged_at_ = Instant::max();
  const Instant due = heard + heartbeat_;
  if (due > engine_.loop().now()) return engine_.loop().arm(*this, due);
  send_heartbeat();
}

void WebSocketState::send_heartbeat() {
  pinged_at_ = engine_.loop().now();
  engine_.loop().arm_after(*this, heartbeat_ / 2);
  socket_.write(http::Opcode::ping, {});
}

void WebSocketState::tell_no_pong() {
  const Ref keeper = Ref::borrow(object_);
  const double waited = duration_to_seconds(heartbeat_) / 2;
  const Ref told = Ref::steal(
      PyObject_CallMethod(object_, "_pong_not_received", "d", waited));
  if (!told) PyErr_WriteUnraisable(object_);
}

int WebSocketState::traverse(visitproc visit, void* arg) const {
  Py_VISIT(session_.get());
  Py_VISIT(kinds_.get());
  Py_VISIT(injected_.get());
  return 0;
}

void WebSocketState::clear() {
  injected_.reset();
}

namespace {

// The state, set up; nullptr with a Python error set.
WebSocketState* checked(PyObject* self) {
  WebSocketState* const state = websocket_of(self)->state;
  if (!state)
    PyErr_SetString(PyExc_RuntimeError, "the WebSocket is not connected");
  return state;
}

Duration duration_of(double seconds) {
  return seconds > 0 ? seconds_to_duration(seconds) : Duration(0);
}

bool check_bits(int bits) {
  if (bits == 0 ||
      (bits >= http::kWindowBitsMin && bits <= http::kWindowBitsMax))
    return true;
  PyErr_SetString(PyExc_ValueError, "Invalid initialization option");
  return false;
}

// WebSocket(response, kinds, *, deflate_bits, keeps_context,
// server_keeps_context, max_msg_size, decode_text, autoping, receive_timeout,
// heartbeat)
int init(PyObject* self, PyObject* args, PyObject* keywords) {
  static const char* names[] = {"response",
                                "kinds",
                                "deflate_bits",
                                "keeps_context",
                                "server_keeps_context",
                                "max_msg_size",
                                "decode_text",
                                "autoping",
                                "receive_timeout",
                                "heartbeat",
                                nullptr};
  PyObject *response, *kinds;
  int bits, keeps, server_keeps, decode_text, autoping;
  unsigned long long size_max;
  double receive_timeout, heartbeat;
  if (!PyArg_ParseTupleAndKeywords(
          args, keywords, "OO!ippKppdd:WebSocket", const_cast<char**>(names),
          &response, &PyTuple_Type, &kinds, &bits, &keeps, &server_keeps,
          &size_max, &decode_text, &autoping, &receive_timeout, &heartbeat))
    return -1;
  WebSocketObject* const websocket = websocket_of(self);
  if (websocket->state || !is_response(response) || !check_bits(bits) ||
      PyTuple_GET_SIZE(kinds) != kKinds) {
    if (!PyErr_Occurred())
      PyErr_SetString(PyExc_TypeError, "a WebSocket is made of a response");
    return -1;
  }
  ResponseState& answer = response_of(response);
  if (!answer.call.started() || !answer.call.exchange().is_upgraded()) {
    PyErr_SetString(PyExc_RuntimeError, "the connection is not upgraded");
    return -1;
  }
  const http::WebSocketOptions options{
      .reader = {.inflates = bits > 0,
                 .keeps_context = server_keeps != 0,
                 .checks_text = decode_text != 0,
                 .message_bytes_max = size_max},
      .deflate_bits = bits,
      .keeps_context = keeps != 0};
  auto state = std::make_unique<WebSocketState>(
      answer.call.engine(), self, answer.session.get(), kinds,
      answer.call.exchange().take_upgraded(), options, duration_of(heartbeat));
  state->decodes_text = decode_text;
  state->autoping = autoping;
  state->receive_timeout = duration_of(receive_timeout);
  websocket->state = state.release();
  websocket->close_wait = Py_NewRef(Py_None);
  websocket->close_code = Py_NewRef(Py_None);
  return 0;
}

// The arguments of a call, by their names; `given` has a place for each.
bool read_arguments(const char* function, PyObject* const* args,
                    Py_ssize_t count, PyObject* names,
                    std::initializer_list<const char*> parameters,
                    PyObject** given) {
  const auto most = static_cast<Py_ssize_t>(parameters.size());
  if (count > most) {
    PyErr_Format(PyExc_TypeError, "%s() takes at most %zd arguments", function,
                 most);
    return false;
  }
  for (Py_ssize_t i = 0; i < count; i++) given[i] = args[i];
  const Py_ssize_t named = names ? PyTuple_GET_SIZE(names) : 0;
  for (Py_ssize_t i = 0; i < named; i++) {
    PyObject* const name = PyTuple_GET_ITEM(names, i);
    Py_ssize_t place = 0;
    for (const char* parameter : parameters) {
      if (utf8_of(name) == parameter) break;
      place++;
    }
    if (place == most || given[place]) {
      PyErr_Format(PyExc_TypeError,
                   "%s() got an unexpected keyword argument '%U'", function,
                   name);
      return false;
    }
    given[place] = args[count + i];
  }
  return true;
}

// `compress=` of one message: None or 0, or window bits. -1 with a Python error
// set.
int read_bits(PyObject* compress) {
  if (!compress || compress == Py_None) return 0;
  const long bits = PyLong_AsLong(compress);
  if (PyErr_Occurred() || !check_bits(static_cast<int>(bits))) return -1;
  return static_cast<int>(bits);
}

PyObject* send_data(PyObject* self, http::Opcode opcode, PyObject* data,
                    PyObject* compress) {
  if (!checked(self)) return nullptr;
  const int bits = read_bits(compress);
  return bits < 0 ? nullptr : make_send(self, opcode, data, bits);
}

PyObject* send_str(PyObject* self, PyObject* const* args, Py_ssize_t count,
                   PyObject* names) {
  PyObject* given[2] = {};
  if (!read_arguments("send_str", args, count, names, {"data", "compress"},
                      given))
    return nullptr;
  if (!given[0] || !PyUnicode_Check(given[0])) {
    PyErr_Format(
        PyExc_TypeError, "data argument must be str (%R)",
        given[0] ? reinterpret_cast<PyObject*>(Py_TYPE(given[0])) : Py_None);
    return nullptr;
  }
  return send_data(self, http::Opcode::text, given[0], given[1]);
}

PyObject* send_bytes(PyObject* self, PyObject* const* args, Py_ssize_t count,
                     PyObject* names) {
  PyObject* given[2] = {};
  if (!read_arguments("send_bytes", args, count, names, {"data", "compress"},
                      given))
    return nullptr;
  PyObject* const data = given[0];
  if (!data || !(PyBytes_Check(data) || PyByteArray_Check(data) ||
                 PyMemoryView_Check(data))) {
    PyErr_Format(PyExc_TypeError, "data argument must be byte-ish (%R)",
                 data ? reinterpret_cast<PyObject*>(Py_TYPE(data)) : Py_None);
    return nullptr;
  }
  return send_data(self, http::Opcode::binary, data, given[1]);
}

// send_frame(message, opcode, compress=None)
PyObject* send_frame(PyObject* self, PyObject* const* args, Py_ssize_t count,
                     PyObject* names) {
  PyObject* given[3] = {};
  if (!read_arguments("send_frame", args, count, names,
                      {"message", "opcode", "compress"}, given))
    return nullptr;
  if (!given[0] || !given[1] || PyUnicode_Check(given[0])) {
    PyErr_SetString(PyExc_TypeError,
                    "send_frame() takes a bytes-like message and an opcode");
    return nullptr;
  }
  const long opcode = PyLong_AsLong(given[1]);
  if (PyErr_Occurred()) return nullptr;
  if (opcode < 0 || opcode > 0xf) {
    PyErr_SetString(PyExc_ValueError, "an opcode is a number from 0 to 15");
    return nullptr;
  }
  return send_data(self, static_cast<http::Opcode>(opcode), given[0], given[2]);
}

PyObject* send_control(PyObject* self, const char* name, http::Opcode opcode,
                       PyObject* const* args, Py_ssize_t count,
                       PyObject* names) {
  PyObject* given[1] = {};
  if (!read_arguments(name, args, count, names, {"message"}, given))
    return nullptr;
  if (given[0] && PyUnicode_Check(given[0])) {
    PyErr_Format(PyExc_TypeError, "%s() takes a bytes-like message", name);
    return nullptr;
  }
  const Ref nothing = bytes_of("");
  return nothing ? send_data(self, opcode, given[0] ? given[0] : nothing.get(),
                             nullptr)
                 : nullptr;
}

PyObject* ping(PyObject* self, PyObject* const* args, Py_ssize_t count,
               PyObject* names) {
  return send_control(self, "ping", http::Opcode::ping, args, count, names);
}

PyObject* pong(PyObject* self, PyObject* const* args, Py_ssize_t count,
               PyObject* names) {
  return send_control(self, "pong", http::Opcode::pong, args, count, names);
}

// `timeout` None or 0: as the WebSocket has it.
PyObject* receive_as(PyObject* self, Receiving how, PyObject* timeout) {
  const WebSocketState* const state = checked(self);
  if (!state) return nullptr;
  Duration bound = how == Receiving::raw ? Duration(0) : state->receive_timeout;
  if (timeout && timeout != Py_None) {
    const double seconds = PyFloat_AsDouble(timeout);
    if (PyErr_Occurred()) return nullptr;
    if (seconds > 0) bound = seconds_to_duration(seconds);
  }
  return make_receive(self, how, bound);
}

PyObject* receive(PyObject* self, PyObject* const* args, Py_ssize_t count,
                  PyObject* names) {
  PyObject* given[1] = {};
  if (!read_arguments("receive", args, count, names, {"timeout"}, given))
    return nullptr;
  return receive_as(self, Receiving::message, given[0]);
}

PyObject* next(PyObject* self) {
  return receive_as(self, Receiving::iteration, nullptr);
}

// _read(timeout): the next message or frame, whatever it is; None at the end.
PyObject* read_raw(PyObject* self, PyObject* timeout) {
  return receive_as(self, Receiving::raw, timeout);
}

// _set_closed(), _set_closing()
PyObject* set_closed(PyObject* self, PyObject*) {
  if (!checked(self)) return nullptr;
  websocket_of(self)->closed = 1;
  websocket_of(self)->state->stop_heartbeat();
  Py_RETURN_NONE;
}

PyObject* set_closing(PyObject* self, PyObject*) {
  if (!checked(self)) return nullptr;
  websocket_of(self)->closing = 1;
  websocket_of(self)->state->stop_heartbeat();
  Py_RETURN_NONE;
}

// _write_close(code, message): the close frame; nothing is sent behind it.
PyObject* write_close(PyObject* self, PyObject* args) {
  WebSocketState* const state = checked(self);
  int code;
  Py_buffer reason;
  if (!state || !PyArg_ParseTuple(args, "is*:_write_close", &code, &reason))
    return nullptr;
  const std::string payload = http::close_payload(
      static_cast<uint16_t>(code),
      {static_cast<const char*>(reason.buf), static_cast<size_t>(reason.len)});
  PyBuffer_Release(&reason);
  state->close_sent = true;
  if (state->socket().write(http::Opcode::close, payload)) Py_RETURN_NONE;
  raise_websocket_closed(state->engine(), "Cannot write to closing transport");
  return nullptr;
}

// _shut(): closes the connection.
PyObject* shut(PyObject* self, PyObject*) {
  if (WebSocketState* const state = websocket_of(self)->state) state->shut();
  Py_RETURN_NONE;
}

PyObject* inject(PyObject* self, PyObject* message) {
  WebSocketState* const state = checked(self);
  if (!state) return nullptr;
  if (!PyTuple_Check(message) || PyTuple_GET_SIZE(message) != 3) {
    PyErr_SetString(PyExc_TypeError, "not a message");
    return nullptr;
  }
  state->inject(message);
  Py_RETURN_NONE;
}

// _fileno(): the socket's; None once it is closed.
PyObject* fileno_of(PyObject* self, PyObject*) {
  WebSocketState* const state = websocket_of(self)->state;
  if (!state || !state->socket().is_open()) Py_RETURN_NONE;
  return PyLong_FromLong(state->socket().fd());
}

PyObject* receiving(PyObject* self, void*) {
  const WebSocketState* const state = websocket_of(self)->state;
  return PyBool_FromLong(state && state->receiving);
}

PyObject* closed(PyObject* self, void*) {
  return PyBool_FromLong(websocket_of(self)->closed);
}

PyObject* closing(PyObject* self, void*) {
  return PyBool_FromLong(websocket_of(self)->closing);
}

int traverse(PyObject* self, visitproc visit, void* arg) {
  Py_VISIT(Py_TYPE(self));
  const WebSocketObject* const websocket = websocket_of(self);
  Py_VISIT(websocket->close_wait);
  Py_VISIT(websocket->close_code);
  return websocket->state ? websocket->state->traverse(visit, arg) : 0;
}

int clear(PyObject* self) {
  Py_CLEAR(websocket_of(self)->close_wait);
  if (WebSocketState* const state = websocket_of(self)->state) state->clear();
  return 0;
}

void end(WebSocketState* state) {
  if (!ScriptCode::runs()) return delete state;
  state->stop_heartbeat();
  do_later(state->engine().loop(), Ref(), [state] { delete state; });
}

void dealloc(PyObject* self) {
  PyTypeObject* const type = Py_TYPE(self);
  PyObject_GC_UnTrack(self);
  WebSocketObject* const websocket = websocket_of(self);
  if (websocket->weak_references) PyObject_ClearWeakRefs(self);
  if (WebSocketState* const state = std::exchange(websocket->state, nullptr))
    end(state);
  Py_XDECREF(websocket->close_wait);
  Py_XDECREF(websocket->close_code);
  type->tp_free(self);
  Py_DECREF(type);
}

PyObject* self_of(PyObject* self) {
  return Py_NewRef(self);
}

constexpr int kFast = METH_FASTCALL | METH_KEYWORDS;

PyMethodDef methods[] = {
    {"send_str", as_method(send_str), kFast, "send_str(data, compress=None)"},
    {"send_bytes", as_method(send_bytes), kFast,
     "send_bytes(data, compress=None)"},
    {"send_frame", as_method(send_frame), kFast,
     "send_frame(message, opcode, compress=None)"},
    {"ping", as_method(ping), kFast, "ping(message=b'')"},
    {"pong", as_method(pong), kFast, "pong(message=b'')"},
    {"receive", as_method(receive), kFast, "receive(timeout=None)"},
    {"_read", read_raw, METH_O, nullptr},
    {"_set_closed", set_closed, METH_NOARGS, nullptr},
    {"_set_closing", set_closing, METH_NOARGS, nullptr},
    {"_write_close", write_close, METH_VARARGS, nullptr},
    {"_shut", shut, METH_NOARGS, nullptr},
    {"_inject", inject, METH_O, nullptr},
    {"_fileno", fileno_of, METH_NOARGS, nullptr},
    {nullptr, nullptr, 0, nullptr}};

PyGetSetDef attributes[] = {
    {"closed", closed, nullptr, "Whether it is closed, or closing.", nullptr},
    {"_closing", closing, nullptr, nullptr, nullptr},
    {"_receiving", receiving, nullptr, nullptr, nullptr},
    {nullptr, nullptr, nullptr, nullptr, nullptr}};

PyMemberDef members[] = {
    {"__weaklistoffset__", kPySsizeT,
     offsetof(WebSocketObject, weak_references), kReadOnly, nullptr},
    {"_close_wait", kObjectEx, offsetof(WebSocketObject, close_wait), 0,
     nullptr},
    {"_close_code", kObjectEx, offsetof(WebSocketObject, close_code), 0,
     nullptr},
    {nullptr, 0, 0, 0, nullptr}};

PyType_Slot slots[] = {
    {Py_tp_doc, const_cast<char*>("A client's end of a WebSocket.")},
    {Py_tp_new, reinterpret_cast<void*>(PyType_GenericNew)},
    {Py_tp_init, reinterpret_cast<void*>(init)},
    {Py_tp_dealloc, reinterpret_cast<void*>(dealloc)},
    {Py_tp_traverse, reinterpret_cast<void*>(traverse)},
    {Py_tp_clear, reinterpret_cast<void*>(clear)},
    {Py_am_aiter, reinterpret_cast<void*>(self_of)},
    {Py_am_anext, reinterpret_cast<void*>(next)},
    {Py_tp_methods, methods},
    {Py_tp_getset, attributes},
    {Py_tp_members, members},
    {0, nullptr}};

PyType_Spec spec = {
    "molotov._engine.WebSocket", sizeof(WebSocketObject), 0,
    Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_BASETYPE, slots};

}  // namespace

bool add_websocket_type(PyObject* module) {
  return add_type(module, spec) && add_receive_type(module) &&
         add_send_type(module);
}

}  // namespace molotov::python
