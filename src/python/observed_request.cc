#include "python/observed_request.h"

#include "python/async_with.h"
#include "python/awaitable.h"
#include "python/client_request.h"
#include "python/request.h"
#include "python/response.h"
#include "python/session_object.h"
#include "python/spares.h"
#include "python/telling.h"

namespace molotov::python {

namespace {

struct ObservedObject {
  PyObject_HEAD vectorcallfunc enter_or_exit;
  PyObject* session;
  PyObject* request;   // a Request
  PyObject* told;      // the ClientRequest of the hop, once there is one
  PyObject* response;  // once it is there
  PyObject* telling;   // while a listener waits
  bool begun;          // or given up: it needs no warning
  bool to_proceed;     // listeners are told of the hop: it is sent next
  bool stepping;
};

PyTypeObject* observed_type = nullptr;
Spares<ObservedObject> spares;

// Events, and the names of what comes with them.
PyObject *sending_request, *response_received;
PyObject *of_sending, *of_received;

ObservedObject* object_of(PyObject* self) {
  return reinterpret_cast<ObservedObject*>(self);
}

PySendResult tell_listeners(ObservedObject* observed,
                            PyObject* const* arguments, PyObject* keywords,
                            PyObject** result) {
  // The scenario may replace it meanwhile.
  const Ref eventer = Ref::borrow(session_of(observed->session).eventer.get());
  if (!eventer) return PYGEN_RETURN;
  Ref telling;
  const PySendResult sent =
      tell(eventer.get(), arguments, keywords, telling, result);
  observed->telling = telling.release();
  return sent;
}

PySendResult tell_sending(ObservedObject* observed, PyObject** result) {
  PyObject* const sent = make_client_request_of(observed->request);
  if (!sent) return PYGEN_ERROR;
  Py_XSETREF(observed->told, sent);
  observed->to_proceed = true;
  PyObject* arguments[] = {sending_request, observed->session, sent};
  return tell_listeners(observed, arguments, of_sending, result);
}

PySendResult tell_received(ObservedObject* observed, PyObject* response,
                           PyObject** result) {
  observed->response = response;
  response_of(response).request = Ref::borrow(observed->told);
  PyObject* arguments[] = {response_received, observed->session, response,
                           observed->told};
  return tell_listeners(observed, arguments, of_received, result);
}

// Goes on once listeners were told, from how that ended.
PySendResult go_on(ObservedObject* observed, PySendResult sent,
                   PyObject** result) {
  while (sent == PYGEN_RETURN) {
    if (observed->response) {
      *result = Py_NewRef(observed->response);
      return PYGEN_RETURN;
    }
    if (std::exchange(observed->to_proceed, false)) proceed(observed->request);
    sent = send_request(observed->request, result);
    if (sent != PYGEN_RETURN) break;
    PyObject* const came = std::exchange(*result, nullptr);
    if (came == Py_None) {  // it is ready to be sent
      Py_DECREF(came);
      sent = tell_sending(observed, result);
    } else {
      sent = tell_received(observed, came, result);
    }
  }
  if (sent == PYGEN_ERROR) abandon_request(observed->request);
  return sent;
}

// Whoever sends to a request while it takes a step is refused, as by a
// coroutine.
class Step {
 public:
  explicit Step(ObservedObject* observed) : observed_(observed) {
    first_ = !std::exchange(observed->stepping, true);
    if (first_) {
      observed->begun = true;
      Py_INCREF(observed);
    } else {
      PyErr_SetString(PyExc_RuntimeError, "coroutine is being awaited already");
    }
  }
  Step(const Step&) = delete;
  ~Step() {
    if (!first_) return;
    observed_->stepping = false;
    Py_DECREF(observed_);
  }
  explicit operator bool() const { return first_; }

 private:
  ObservedObject* observed_;
  bool first_;
};

PySendResult send(PyObject* self, PyObject* value, PyObject** result) {
  *result = nullptr;
  ObservedObject* observed = object_of(self);
  const Step step(observed);
  if (!step) return PYGEN_ERROR;
  PySendResult sent = PYGEN_RETURN;
  if (observed->telling) {
    const Ref telling = Ref::borrow(observed->telling);
    sent = PyIter_Send(telling.get(), value, result);
    if (sent == PYGEN_NEXT) return sent;
    Py_CLEAR(*result);
    Py_CLEAR(observed->telling);
  }
  return go_on(observed, sent, result);
}

void abandon(PyObject* self) {
  object_of(self)->begun = true;
  abandon_request(object_of(self)->request);
}

using Methods = Awaitable<send, abandon>;

PyObject* throw_method(PyObject* self, PyObject* thrown) {
  ObservedObject* observed = object_of(self);
  const Step step(observed);
  if (!step) return nullptr;
  if (!observed->telling) return Methods::throw_(self, thrown);
  PyObject* result = nullptr;
  const Ref telling = Ref::borrow(observed->telling);
  PySendResult sent = throw_into(telling.get(), thrown, &result);
  if (sent != PYGEN_NEXT) {
    Py_CLEAR(result);
    Py_CLEAR(observed->telling);
    sent = go_on(observed, sent, &result);
  }
  return result_of_send(sent, result);
}

PyObject* close(PyObject* self, PyObject*) {
  const Ref telling =
      Ref::steal(std::exchange(object_of(self)->telling, nullptr));
  const bool closed = !telling || close_iterator(telling.get());
  abandon(self);
  if (!closed) return nullptr;
  Py_RETURN_NONE;
}

// __aenter__() and __aexit__(type, exception, traceback): see async_with.h.
PyObject* enter_or_exit(PyObject* self, PyObject* const* args, size_t flags,
                        PyObject* names) {
  if (PyVectorcall_NARGS(flags) == 0 && !names) {
    set_entered(object_of(self)->request);
    return Py_NewRef(self);
  }
  return PyObject_Vectorcall(object_of(self)->request, args, flags, names);
}

// As Python warns of a coroutine, by the name that aiohttp's has.
void warn_unless_begun(const ObservedObject* observed) {
  if (observed->begun) return;
  Ref raised = take_raised();
  if (PyErr_WarnFormat(PyExc_RuntimeWarning, 1,
                       "coroutine 'ClientSession._request' was never awaited"))
    PyErr_WriteUnraisable(nullptr);
  if (raised) raise(std::move(raised));
}

int traverse(PyObject* self, visitproc visit, void* arg) {
  const ObservedObject* observed = object_of(self);
  Py_VISIT(Py_TYPE(self));
  Py_VISIT(observed->session);
  Py_VISIT(observed->request);
  Py_VISIT(observed->told);
  Py_VISIT(observed->response);
  Py_VISIT(observed->telling);
  return 0;
}

void dealloc(PyObject* self) {
  PyObject_GC_UnTrack(self);
  ObservedObject* observed = object_of(self);
  warn_unless_begun(observed);
  Py_CLEAR(observed->telling);
  Py_CLEAR(observed->response);
  Py_CLEAR(observed->told);
  Py_CLEAR(observed->request);
  Py_CLEAR(observed->session);
  spares.give_back(observed);
}

PyMethodDef methods[] = {{"send", Methods::send, METH_O, nullptr},
                         {"throw", throw_method, METH_VARARGS, nullptr},
                         {"close", close, METH_NOARGS, nullptr},
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

PyType_Spec spec = {
    "molotov._engine.ObservedRequest", sizeof(ObservedObject), 0,
    Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_HAVE_VECTORCALL |
        Py_TPFLAGS_DISALLOW_INSTANTIATION,
    slots};

}  // namespace

PyObject* make_observed_request(PyObject* session, PyObject* request) {
  ObservedObject* observed = spares.take(observed_type);
  if (!observed) return nullptr;
  observed->enter_or_exit = enter_or_exit;
  observed->session = Py_NewRef(session);
  observed->request = Py_NewRef(request);
  observed->told = observed->response = observed->telling = nullptr;
  observed->begun = observed->to_proceed = observed->stepping = false;
  PyObject_GC_Track(observed);
  return reinterpret_cast<PyObject*>(observed);
}

bool add_observed_request_type(PyObject* module) {
  observed_type = add_type(module, spec);
  sending_request = PyUnicode_InternFromString("sending_request");
  response_received = PyUnicode_InternFromString("response_received");
  of_sending = keyword_names({"session", "request"});
  of_received = keyword_names({"session", "response", "request"});
  return observed_type && sending_request && response_received && of_sending &&
         of_received && add_async_with(observed_type);
}

}  // namespace molotov::python
