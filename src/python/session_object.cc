#include "python/session_object.h"

#include <cstddef>
#include <utility>

#include "python/connector_object.h"
#include "python/engine.h"
#include "python/event_sender.h"
#include "python/session_options.h"
#include "python/session_requests.h"
#include "python/waiter.h"
#include "python/websocket_object.h"

namespace molotov::python {

namespace {

struct SessionObject {
  PyObject_HEAD PyObject* engine_object;
  PyObject* weak_references;
  Session* session;  // owned; a plain pointer, so that offsetof holds
};

PyTypeObject* session_type = nullptr;

SessionObject* object_of(PyObject* self) {
  return reinterpret_cast<SessionObject*>(self);
}

int init(PyObject* self, PyObject* args, PyObject* keywords) {
  PyObject* engine_object;
  auto session = make_session(args, keywords, engine_object);
  if (!session) return -1;
  std::unique_ptr<Session>(
      std::exchange(object_of(self)->session, session.release()))
      .reset();
  Py_XSETREF(object_of(self)->engine_object, Py_NewRef(engine_object));
  return 0;
}

bool close_connector(const Session& session) {
  return bool(Ref::steal(
      PyObject_CallMethod(session.connector.get(), "_close", nullptr)));
}

// close(): awaitable, as aiohttp's.
PyObject* close(PyObject* self, PyObject*) {
  if (Session* session = object_of(self)->session) {
    session->closed = true;
    session->engine.enter();
    if (!session->connector)
      session->client.pool().close();
    else if (session->owns_connector && !close_connector(*session))
      return nullptr;
    for (WebSocketState* open = session->websockets.front(); open;
         open = session->websockets.next(*open))
      open->shut();
  }
  return make_ready(Py_NewRef(Py_None));
}

PyObject* enter(PyObject* self, PyObject*) {
  return make_ready(Py_NewRef(self));
}

PyObject* exit(PyObject* self, PyObject*) {
  return close(self, nullptr);
}

PyObject* closed(PyObject* self, void*) {
  const Session* session = object_of(self)->session;
  return PyBool_FromLong(!session || session->is_closed());
}

// An attribute that is True or False.
template <bool Session::* kFlag>
PyObject* flag(PyObject* self, void*) {
  Session* session = checked_session(self);
  return session ? PyBool_FromLong(session->*kFlag) : nullptr;
}

template <bool Session::* kFlag>
int set_flag(PyObject* self, PyObject* value, void*) {
  Session* session = checked_session(self);
  const int is_true = session && value ? PyObject_IsTrue(value) : -1;
  if (is_true < 0) return -1;
  session->*kFlag = is_true;
  return 0;
}

// _set_requotes(requotes): see form_of().
PyObject* set_requotes(PyObject* self, PyObject* value) {
  Session* session = checked_session(self);
  const int requotes = session ? PyObject_IsTrue(value) : -1;
  if (requotes < 0) return nullptr;
  session->options.location_form = form_of(requotes);
  Py_RETURN_NONE;
}

PyObject* eventer(PyObject* self, void*) {
  Session* session = checked_session(self);
  if (!session) return nullptr;
  return session->eventer ? session->eventer.new_ref() : Py_NewRef(Py_None);
}

int set_eventer(PyObject* self, PyObject* value, void*) {
  Session* session = checked_session(self);
  if (!session) return -1;
  if (!value || !is_event_sender(value)) {
    PyErr_SetString(PyExc_TypeError, "an eventer is an EventSender");
    return -1;
  }
  session->eventer = Ref::borrow(value);
  return 0;
}

// _set_fields(host, fields, own_cookies, last_fields): for requests from now
// on. Once there were many of them Python is asked for each request, whose
// fields are its own.
PyObject* set_fields(PyObject* self, PyObject* args) {
  constexpr size_t kMost = 32;
  Session* session = checked_session(self);
  if (!session) return nullptr;
  auto fields = read_fields(args);
  if (!fields) return nullptr;
  if (session->all_fields.size() >= kMost) {
    session->prepares = true;
    Py_RETURN_NONE;
  }
  session->all_fields.push_back(std::move(fields));
  Py_RETURN_NONE;
}

// _use_jar(jar): one of ours, or one like aiohttp's.
PyObject* use_jar(PyObject* self, PyObject* jar) {
  Session* session = checked_session(self);
  if (!session) return nullptr;
  if (http::CookieJar* native = jar_in(jar)) {
    session->client.set_cookies(*native);
    session->foreign_jar.reset();
  } else {
    session->foreign_jar = std::make_unique<ForeignJar>(jar);
    session->client.set_cookies(*session->foreign_jar);
  }
  session->jar = Ref::borrow(jar);
  Py_RETURN_NONE;
}

// _hand_over_cookies(jar): the session's own, which is a new jar of ours from
// now on.
PyObject* hand_over_cookies(PyObject* self, PyObject* jar) {
  Session* session = checked_session(self);
  if (!session) return nullptr;
  http::CookieJar* native = jar_in(jar);
  if (!native) {
    PyErr_SetString(PyExc_TypeError, "a CookieJar is needed");
    return nullptr;
  }
  if (auto cookies = session->client.take_cookies())
    put_into_jar(jar, std::move(*cookies));
  return use_jar(self, jar);
}

PyObject* jar(PyObject* self, void*) {
  Session* session = checked_session(self);
  if (!session) return nullptr;
  return session->jar ? session->jar.new_ref() : Py_NewRef(Py_None);
}

// _use_connector(connector, owned): its pool from now on.
PyObject* use_connector(PyObject* self, PyObject* args) {
  Session* session = checked_session(self);
  PyObject* connector;
  int owned;
  if (!session ||
      !PyArg_ParseTuple(args, "Op:_use_connector", &connector, &owned))
    return nullptr;
  if (session->connector) {
    PyErr_SetString(PyExc_RuntimeError, "a session has one connector");
    return nullptr;
  }
  http::Pool* pool = pool_of(connector, session->engine);
  if (!pool) return nullptr;
  session->client.set_pool(*pool);
  session->connector = Ref::borrow(connector);
  session->owns_connector = owned;
  Py_RETURN_NONE;
}

// _connector: that it was given; None: its own.
PyObject* connector(PyObject* self, void*) {
  Session* session = checked_session(self);
  if (!session) return nullptr;
  return session->connector ? session->connector.new_ref() : Py_NewRef(Py_None);
}

// _base_urls: a dict, which _join(url) adds to.
PyObject* base_urls(PyObject* self, void*) {
  Session* session = checked_session(self);
  if (!session) return nullptr;
  return session->base_urls ? session->base_urls.new_ref() : Py_NewRef(Py_None);
}

int set_base_urls(PyObject* self, PyObject* value, void*) {
  Session* session = checked_session(self);
  if (!session) return -1;
  if (!value || !PyDict_CheckExact(value)) {
    PyErr_SetString(PyExc_TypeError, "a dict is needed");
    return -1;
  }
  session->base_urls = Ref::borrow(value);
  return 0;
}

PyObject* loop(PyObject* self, void*) {
  Session* session = checked_session(self);
  if (!session) return nullptr;
  PyObject* asyncio_loop = session->engine.asyncio_loop();
  return Py_NewRef(asyncio_loop ? asyncio_loop : Py_None);
}

int traverse(PyObject* self, visitproc visit, void* arg) {
  Py_VISIT(Py_TYPE(self));
  Py_VISIT(object_of(self)->engine_object);
  const Session* session = object_of(self)->session;
  if (!session) return 0;
  Py_VISIT(session->base_urls.get());
  Py_VISIT(session->jar.get());
  Py_VISIT(session->connector.get());
  return session->eventer.visit(visit, arg);
}

int clear(PyObject* self) {
  if (Session* session = object_of(self)->session) session->eventer.reset();
  return 0;
}

void dealloc(PyObject* self) {
  PyTypeObject* type = Py_TYPE(self);
  PyObject_GC_UnTrack(self);
  if (object_of(self)->weak_references) PyObject_ClearWeakRefs(self);
  if (Session* session = object_of(self)->session) session->engine.enter();
  std::unique_ptr<Session>(object_of(self)->session).reset();
  Py_XDECREF(object_of(self)->engine_object);
  type->tp_free(self);
  Py_DECREF(type);
}

constexpr int kFast = METH_FASTCALL | METH_KEYWORDS;

PyMethodDef methods[] = {
    {"get", as_method(request_by<kGet>), kFast, "get(url, **options)"},
    {"head", as_method(request_by<kHead>), kFast, "head(url, **options)"},
    {"options", as_method(request_by<kOptions>), kFast,
     "options(url, **options)"},
    {"post", as_method(request_by<kPost>), kFast, "post(url, **options)"},
    {"put", as_method(request_by<kPut>), kFast, "put(url, **options)"},
    {"patch", as_method(request_by<kPatch>), kFast, "patch(url, **options)"},
    {"delete", as_method(request_by<kDelete>), kFast, "delete(url, **options)"},
    {"request", as_method(request_by_name), kFast,
     "request(method, url, **options)"},
    {"close", close, METH_NOARGS, "Closes it and its connections."},
    {"_set_fields", set_fields, METH_VARARGS, nullptr},
    {"_set_requotes", set_requotes, METH_O, nullptr},
    {"_use_jar", use_jar, METH_O, nullptr},
    {"_use_connector", use_connector, METH_VARARGS, nullptr},
    {"_hand_over_cookies", hand_over_cookies, METH_O, nullptr},
    {"_staged", request_staged, METH_O, nullptr},
    {"__aenter__", enter, METH_NOARGS, nullptr},
    {"__aexit__", exit, METH_VARARGS, nullptr},
    {nullptr, nullptr, 0, nullptr}};

PyGetSetDef attributes[] = {
    {"closed", closed, nullptr, nullptr, nullptr},
    {"loop", loop, nullptr, nullptr, nullptr},
    {"_eventer", eventer, set_eventer, nullptr, nullptr},
    {"_observed", flag<&Session::observed>, set_flag<&Session::observed>,
     nullptr, nullptr},
    {"_asks_charset", flag<&Session::asks_charset>,
     set_flag<&Session::asks_charset>, nullptr, nullptr},
    {"_plain_json", flag<&Session::plain_json>, set_flag<&Session::plain_json>,
     nullptr, nullptr},
    {"_jar", jar, nullptr, nullptr, nullptr},
    {"_connector", connector, nullptr, nullptr, nullptr},
    {"_owns_connector", flag<&Session::owns_connector>,
     set_flag<&Session::owns_connector>, nullptr, nullptr},
    {"_prepares", flag<&Session::prepares>, set_flag<&Session::prepares>,
     nullptr, nullptr},
    {"_base_urls", base_urls, set_base_urls, nullptr, nullptr},
    {nullptr, nullptr, nullptr, nullptr, nullptr}};

PyMemberDef members[] = {
    {"__weaklistoffset__", kPySsizeT, offsetof(SessionObject, weak_references),
     kReadOnly, nullptr},
    {nullptr, 0, 0, 0, nullptr}};

PyType_Slot slots[] = {
    {Py_tp_doc, const_cast<char*>("The native HTTP session.")},
    {Py_tp_new, reinterpret_cast<void*>(PyType_GenericNew)},
    {Py_tp_init, reinterpret_cast<void*>(init)},
    {Py_tp_dealloc, reinterpret_cast<void*>(dealloc)},
    {Py_tp_traverse, reinterpret_cast<void*>(traverse)},
    {Py_tp_clear, reinterpret_cast<void*>(clear)},
    {Py_tp_methods, methods},
    {Py_tp_getset, attributes},
    {Py_tp_members, members},
    {0, nullptr}};

PyType_Spec spec = {
    "molotov._engine.Session", sizeof(SessionObject), 0,
    Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_BASETYPE, slots};

}  // namespace

Session& session_of(PyObject* object) {
  return *object_of(object)->session;
}

Session* native_session(PyObject* object) {
  const bool is_ours = object && PyObject_TypeCheck(object, session_type);
  return is_ours ? object_of(object)->session : nullptr;
}

Session* checked_session(PyObject* self) {
  Session* session = object_of(self)->session;
  if (!session)
    PyErr_SetString(PyExc_RuntimeError, "the session is not set up");
  return session;
}

bool add_session_type(PyObject* module) {
  session_type = add_type(module, spec);
  return session_type != nullptr;
}

}  // namespace molotov::python
