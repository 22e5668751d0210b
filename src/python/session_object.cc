#include "python/session_object.h"

#include <cstddef>
#include <new>

#include "python/engine.h"
#include "python/error.h"
#include "python/request.h"
#include "python/waiter.h"

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

// The session, set up; nullptr with a Python error set.
Session* checked(PyObject* self) {
  Session* session = object_of(self)->session;
  if (!session)
    PyErr_SetString(PyExc_RuntimeError, "the session is not set up");
  return session;
}

bool read_timeout(PyObject* timeout, http::TimeoutOptions& read) {
  double total, connect, sock_connect, sock_read;
  if (!PyArg_ParseTuple(timeout, "dddd;a timeout has four parts", &total,
                        &connect, &sock_connect, &sock_read))
    return false;
  read = {.total = seconds_to_duration(total),
          .connect = seconds_to_duration(connect),
          .sock_connect = seconds_to_duration(sock_connect),
          .sock_read = seconds_to_duration(sock_read)};
  return true;
}

bool add_cookies(http::CookieJar& jar, PyObject* cookies) {
  Py_ssize_t at = 0;
  PyObject *name, *value;
  while (PyDict_Next(cookies, &at, &name, &value))
    jar.set_shared(utf8_of(name), utf8_of(value));
  return !PyErr_Occurred();
}

// Session(engine, *, fields, timeout, cookies, keep_cookies, raise_for_status,
// decode): as molotov._request.session_options() makes them.
int init(PyObject* self, PyObject* args, PyObject* keywords) {
  static const char* names[] = {"engine",  "fields",       "timeout",
                                "cookies", "keep_cookies", "raise_for_status",
                                "decode",  nullptr};
  PyObject *engine_object, *timeout, *cookies;
  const char* fields;
  Py_ssize_t fields_size;
  int keep_cookies, raises, decode;
  if (!PyArg_ParseTupleAndKeywords(
          args, keywords, "Oy#O!O!ppp:Session", const_cast<char**>(names),
          &engine_object, &fields, &fields_size, &PyTuple_Type, &timeout,
          &PyDict_Type, &cookies, &keep_cookies, &raises, &decode))
    return -1;
  Engine* engine = engine_of(engine_object);
  if (!engine) return -1;
  http::ExchangeOptions options;
  options.decode_content = decode;
  if (!read_timeout(timeout, options.timeout)) return -1;
  std::unique_ptr<Session> session(
      new Session{.engine = *engine,
                  .client = {engine->http(), engine->observer()},
                  .fields = {fields, static_cast<size_t>(fields_size)},
                  .options = options,
                  .raise_for_status = raises != 0});
  if (!keep_cookies) session->client.set_cookies_off();
  if (!add_cookies(session->client.cookies(), cookies)) return -1;
  std::unique_ptr<Session>(
      std::exchange(object_of(self)->session, session.release()))
      .reset();
  Py_XSETREF(object_of(self)->engine_object, Py_NewRef(engine_object));
  return 0;
}

std::optional<std::string_view> bytes_or_none(PyObject* bytes) {
  if (bytes == Py_None) return std::nullopt;
  return std::string_view(PyBytes_AS_STRING(bytes),
                          static_cast<size_t>(PyBytes_GET_SIZE(bytes)));
}

// What molotov._request.prepare_request() says: see there. The views are into
// `prepared`, which the extras keep.
bool read_extras(const Session& session, PyObject* prepared,
                 RequestExtras& extras, PyObject*& url, PyObject*& method) {
  PyObject *fields, *cookies, *body, *content_fields, *timeout;
  int follow, max_redirects, verify, raises;
  if (!PyArg_ParseTuple(prepared, "UUSSOSOpipp;a prepared request", &method,
                        &url, &fields, &cookies, &body, &content_fields,
                        &timeout, &follow, &max_redirects, &verify, &raises))
    return false;
  extras.fields = *bytes_or_none(fields);
  extras.cookies = *bytes_or_none(cookies);
  extras.body = bytes_or_none(body);
  extras.body_object = body;
  extras.content_fields = *bytes_or_none(content_fields);
  extras.options = session.options;
  extras.options.follow_redirects = follow;
  extras.options.max_redirects = max_redirects;
  extras.options.verify = verify;
  extras.raise_for_status = raises;
  extras.keeper = Ref::borrow(prepared);
  return timeout == Py_None || read_timeout(timeout, extras.options.timeout);
}

// A request with options: Python works out what they mean.
PyObject* make_prepared(PyObject* self, Session& session, PyObject* method,
                        PyObject* url, PyObject* const* values,
                        PyObject* names) {
  const Ref options = Ref::steal(PyDict_New());
  const Py_ssize_t count = names ? PyTuple_GET_SIZE(names) : 0;
  for (Py_ssize_t i = 0; i < count; i++)
    if (!options || PyDict_SetItem(options.get(), PyTuple_GET_ITEM(names, i),
                                   values[i]) < 0)
      return nullptr;
  const Ref prepared = Ref::steal(PyObject_CallFunctionObjArgs(
      session.engine.imports().prepare_request.get(), self, method, url,
      options.get(), nullptr));
  auto extras = std::make_unique<RequestExtras>();
  PyObject *text, *verb;
  if (!prepared || !read_extras(session, prepared.get(), *extras, text, verb))
    return nullptr;
  const Ref target =
      Ref::steal(session.engine.targets().find(text, extras->options.verify));
  if (!target) return nullptr;
  return make_request(self, utf8_of(verb), target.get(), std::move(extras));
}

struct Method {
  const char* name;
  bool sends_body;  // Content-Length is sent also where there is none
};
constexpr Method kGet{"GET", false}, kHead{"HEAD", false},
    kOptions{"OPTIONS", false}, kPost{"POST", true}, kPut{"PUT", true},
    kPatch{"PATCH", true}, kDelete{"DELETE", true};

template <const Method& kMethod>
PyObject* request_method(PyObject* self, PyObject* const* args,
                         Py_ssize_t count, PyObject* names) {
  Session* session = checked(self);
  if (!session) return nullptr;
  if (count != 1) {
    PyErr_Format(PyExc_TypeError,
                 "%s takes one positional argument, the URL (%zd given)",
                 kMethod.name, count);
    return nullptr;
  }
  const bool plain =
      !names && PyUnicode_CheckExact(args[0]) && !kMethod.sends_body;
  if (plain) {
    const Ref target =
        Ref::steal(session->engine.targets().find(args[0], true));
    return target ? make_request(self, kMethod.name, target.get(), nullptr)
                  : nullptr;
  }
  const Ref method = Ref::steal(PyUnicode_InternFromString(kMethod.name));
  if (!method) return nullptr;
  return make_prepared(self, *session, method.get(), args[0], args + count,
                       names);
}

PyObject* request(PyObject* self, PyObject* const* args, Py_ssize_t count,
                  PyObject* names) {
  Session* session = checked(self);
  if (!session) return nullptr;
  // request(method, url) may name both.
  PyObject* given[] = {count > 0 ? args[0] : nullptr,
                       count > 1 ? args[1] : nullptr};
  const Ref options = Ref::steal(PyDict_New());
  const Py_ssize_t named = names ? PyTuple_GET_SIZE(names) : 0;
  for (Py_ssize_t i = 0; options && i < named; i++) {
    PyObject* name = PyTuple_GET_ITEM(names, i);
    PyObject* value = args[count + i];
    if (utf8_of(name) == "method")
      given[0] = value;
    else if (utf8_of(name) == "url")
      given[1] = value;
    else if (PyDict_SetItem(options.get(), name, value) < 0)
      return nullptr;
  }
  if (!options || !given[0] || !given[1] || count > 2) {
    if (options)
      PyErr_SetString(PyExc_TypeError,
                      "request() takes a method and a URL, and options");
    return nullptr;
  }
  const Ref keys = Ref::steal(PyDict_Keys(options.get()));
  const Ref values = Ref::steal(PyDict_Values(options.get()));
  const Ref key_tuple = Ref::steal(keys ? PyList_AsTuple(keys.get()) : nullptr);
  const Ref value_tuple =
      Ref::steal(values ? PyList_AsTuple(values.get()) : nullptr);
  if (!key_tuple || !value_tuple) return nullptr;
  return make_prepared(self, *session, given[0], given[1],
                       PySequence_Fast_ITEMS(value_tuple.get()),
                       key_tuple.get());
}

// close(): awaitable, as aiohttp's.
PyObject* close(PyObject* self, PyObject*) {
  if (Session* session = object_of(self)->session) {
    session->closed = true;
    session->client.close_idle();
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
  return PyBool_FromLong(!session || session->closed);
}

PyObject* observed(PyObject* self, void*) {
  Session* session = checked(self);
  return session ? PyBool_FromLong(session->observed) : nullptr;
}

int set_observed(PyObject* self, PyObject* value, void*) {
  Session* session = checked(self);
  const int is_true = session && value ? PyObject_IsTrue(value) : -1;
  if (is_true < 0) return -1;
  session->observed = is_true;
  return 0;
}

PyObject* loop(PyObject* self, void*) {
  Session* session = checked(self);
  if (!session) return nullptr;
  PyObject* asyncio_loop = session->engine.asyncio_loop();
  return Py_NewRef(asyncio_loop ? asyncio_loop : Py_None);
}

int traverse(PyObject* self, visitproc visit, void* arg) {
  Py_VISIT(Py_TYPE(self));
  Py_VISIT(object_of(self)->engine_object);
  return 0;
}

void dealloc(PyObject* self) {
  PyTypeObject* type = Py_TYPE(self);
  PyObject_GC_UnTrack(self);
  if (object_of(self)->weak_references) PyObject_ClearWeakRefs(self);
  std::unique_ptr<Session>(object_of(self)->session).reset();
  Py_XDECREF(object_of(self)->engine_object);
  type->tp_free(self);
  Py_DECREF(type);
}

constexpr int kFast = METH_FASTCALL | METH_KEYWORDS;

PyMethodDef methods[] = {
    {"get", as_method(request_method<kGet>), kFast, "get(url, **options)"},
    {"head", as_method(request_method<kHead>), kFast, "head(url, **options)"},
    {"options", as_method(request_method<kOptions>), kFast,
     "options(url, **options)"},
    {"post", as_method(request_method<kPost>), kFast, "post(url, **options)"},
    {"put", as_method(request_method<kPut>), kFast, "put(url, **options)"},
    {"patch", as_method(request_method<kPatch>), kFast,
     "patch(url, **options)"},
    {"delete", as_method(request_method<kDelete>), kFast,
     "delete(url, **options)"},
    {"request", as_method(request), kFast, "request(method, url, **options)"},
    {"close", close, METH_NOARGS, "Closes it and its connections."},
    {"__aenter__", enter, METH_NOARGS, nullptr},
    {"__aexit__", exit, METH_VARARGS, nullptr},
    {nullptr, nullptr, 0, nullptr}};

PyGetSetDef attributes[] = {
    {"closed", closed, nullptr, nullptr, nullptr},
    {"loop", loop, nullptr, nullptr, nullptr},
    {"_observed", observed, set_observed, nullptr, nullptr},
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

bool add_session_type(PyObject* module) {
  session_type = add_type(module, spec);
  return session_type != nullptr;
}

}  // namespace molotov::python
