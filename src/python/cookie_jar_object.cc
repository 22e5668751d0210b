#include "python/cookie_jar_object.h"

#include <algorithm>
#include <chrono>
#include <new>
#include <optional>
#include <utility>

#include "base/time.h"
#include "http/syntax.h"

namespace molotov::python {

namespace {

struct JarObject {
  PyObject_HEAD http::CookieJar* jar;  // owned
};

PyTypeObject* jar_type = nullptr;

http::CookieJar& jar_of(PyObject* self) {
  return *reinterpret_cast<JarObject*>(self)->jar;
}

WallInstant now() {
  return WallClock::now();
}

// Seconds since 1970, or None.
Ref seconds_of(WallInstant instant) {
  if (instant == http::kNeverExpires) return Ref::borrow(Py_None);
  return Ref::steal(PyFloat_FromDouble(
      std::chrono::duration<double>(instant.time_since_epoch()).count()));
}

bool read_instant(PyObject* seconds, WallInstant& instant) {
  // What the clock cannot hold is never.
  constexpr double kMost = 9e9;
  instant = http::kNeverExpires;
  if (seconds == Py_None) return true;
  const double given = PyFloat_AsDouble(seconds);
  if (PyErr_Occurred()) return false;
  if (given < kMost)
    instant = WallInstant(std::chrono::duration_cast<WallInstant::duration>(
        std::chrono::duration<double>(std::max(given, 0.0))));
  return true;
}

// The URL in a str; nothing with a ValueError set.
std::optional<http::Url> read_url(PyObject* text) {
  const std::string_view given = utf8_of(text);
  if (PyErr_Occurred()) return std::nullopt;
  auto url = http::parse_url(given);
  if (url) return std::move(*url);
  PyErr_Format(PyExc_ValueError, "not a URL: %R", text);
  return std::nullopt;
}

PyObject* make(PyTypeObject* type, PyObject*, PyObject*) {
  auto* self = reinterpret_cast<JarObject*>(type->tp_alloc(type, 0));
  if (!self) return nullptr;
  self->jar = new (std::nothrow) http::CookieJar();
  if (self->jar) return reinterpret_cast<PyObject*>(self);
  Py_DECREF(self);
  return PyErr_NoMemory();
}

// CookieJar(unsafe, quote_cookie, secure_origins)
int init(PyObject* self, PyObject* args, PyObject* keywords) {
  static const char* names[] = {"unsafe", "quote_cookie", "secure_origins",
                                nullptr};
  int unsafe = 0, quote_cookie = 1;
  PyObject* origins = nullptr;
  if (!PyArg_ParseTupleAndKeywords(args, keywords, "|ppO!:CookieJar",
                                   const_cast<char**>(names), &unsafe,
                                   &quote_cookie, &PyTuple_Type, &origins))
    return -1;
  http::CookieJarOptions options{.accept_ip_hosts = unsafe != 0,
                                 .keep_quotes = quote_cookie != 0};
  const Py_ssize_t count = origins ? PyTuple_GET_SIZE(origins) : 0;
  for (Py_ssize_t i = 0; i < count; i++) {
    const auto url = read_url(PyTuple_GET_ITEM(origins, i));
    if (!url) return -1;
    options.secure_origins.push_back(url->origin());
  }
  jar_of(self) = http::CookieJar(std::move(options));
  return 0;
}

// _store(set_cookie, url): whether it was taken up.
PyObject* store(PyObject* self, PyObject* args) {
  PyObject *field, *url_text;
  if (!PyArg_ParseTuple(args, "UU:_store", &field, &url_text)) return nullptr;
  const auto url = read_url(url_text);
  const std::string_view text = utf8_of(field);
  if (!url || PyErr_Occurred()) return nullptr;
  return PyBool_FromLong(jar_of(self).store(text, *url, now()));
}

// _put(name, value, domain, path, expires, host_only, secure, http_only)
PyObject* put(PyObject* self, PyObject* args) {
  const char *name, *value, *domain, *path;
  PyObject* expires;
  int host_only, secure, http_only;
  http::Cookie cookie;
  if (!PyArg_ParseTuple(args, "ssssOppp:_put", &name, &value, &domain, &path,
                        &expires, &host_only, &secure, &http_only) ||
      !read_instant(expires, cookie.expires))
    return nullptr;
  cookie.name = name;
  cookie.value = value;
  cookie.domain = domain;
  cookie.path = path;
  cookie.host_only = host_only;
  cookie.secure = secure;
  cookie.http_only = http_only;
  jar_of(self).add(std::move(cookie), now());
  Py_RETURN_NONE;
}

Ref as_tuple(const http::Cookie& cookie) {
  const Ref name = str_of(cookie.name), value = str_of(cookie.value),
            domain = str_of(cookie.domain), path = str_of(cookie.path),
            expires = seconds_of(cookie.expires);
  if (!name || !value || !domain || !path || !expires) return {};
  const auto flag = [](bool is) { return is ? Py_True : Py_False; };
  return Ref::steal(PyTuple_Pack(
      8, name.get(), value.get(), domain.get(), path.get(), expires.get(),
      flag(cookie.host_only), flag(cookie.secure), flag(cookie.http_only)));
}

// All that have not expired, as _put() takes them.
PyObject* all(PyObject* self, PyObject*) {
  Ref list = Ref::steal(PyList_New(0));
  for (const http::Cookie& cookie : jar_of(self).cookies()) {
    if (cookie.expires <= now()) continue;
    const Ref entry = as_tuple(cookie);
    if (!list || !entry || PyList_Append(list.get(), entry.get()) < 0)
      return nullptr;
  }
  return list.release();
}

// _matching(url): those for a request, in the order of the Cookie field.
PyObject* matching(PyObject* self, PyObject* url_text) {
  const auto url = read_url(url_text);
  if (!url) return nullptr;
  Ref list = Ref::steal(PyList_New(0));
  for (const http::Cookie* cookie : jar_of(self).matching(*url, now())) {
    const Ref entry = as_tuple(*cookie);
    if (!list || !entry || PyList_Append(list.get(), entry.get()) < 0)
      return nullptr;
  }
  return list.release();
}

// _remove(name, domain, path)
PyObject* remove(PyObject* self, PyObject* args) {
  const char *name, *domain, *path;
  if (!PyArg_ParseTuple(args, "sss:_remove", &name, &domain, &path))
    return nullptr;
  jar_of(self).remove_if([=](const http::Cookie& cookie) {
    return cookie.name == name && cookie.domain == domain &&
           cookie.path == path;
  });
  Py_RETURN_NONE;
}

PyObject* clear(PyObject* self, PyObject*) {
  jar_of(self).clear();
  Py_RETURN_NONE;
}

void dealloc(PyObject* self) {
  PyTypeObject* type = Py_TYPE(self);
  std::unique_ptr<http::CookieJar>(reinterpret_cast<JarObject*>(self)->jar)
      .reset();
  type->tp_free(self);
  Py_DECREF(type);
}

PyMethodDef methods[] = {{"_store", store, METH_VARARGS, nullptr},
                         {"_put", put, METH_VARARGS, nullptr},
                         {"_all", all, METH_NOARGS, nullptr},
                         {"_matching", matching, METH_O, nullptr},
                         {"_remove", remove, METH_VARARGS, nullptr},
                         {"_clear", clear, METH_NOARGS, nullptr},
                         {nullptr, nullptr, 0, nullptr}};

PyType_Slot slots[] = {{Py_tp_doc, const_cast<char*>("A native cookie jar.")},
                       {Py_tp_new, reinterpret_cast<void*>(make)},
                       {Py_tp_init, reinterpret_cast<void*>(init)},
                       {Py_tp_dealloc, reinterpret_cast<void*>(dealloc)},
                       {Py_tp_methods, methods},
                       {0, nullptr}};

PyType_Spec spec = {"molotov._engine.CookieJar", sizeof(JarObject), 0,
                    Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE, slots};

// molotov.client.foreign_jar.NAME(jar, url, argument)
Ref ask(const char* name, PyObject* jar, const http::Url& url,
        const Ref& argument) {
  const Ref module =
      Ref::steal(PyImport_ImportModule("molotov.client.foreign_jar"));
  const Ref text = str_of(url.to_string());
  if (!module || !text || !argument) return {};
  return Ref::steal(PyObject_CallMethod(module.get(), name, "OOO", jar,
                                        text.get(), argument.get()));
}

}  // namespace

http::CookieJar* jar_in(PyObject* object) {
  return PyObject_TypeCheck(object, jar_type) ? &jar_of(object) : nullptr;
}

void put_into_jar(PyObject* object, http::CookieJar cookies) {
  jar_of(object) = std::move(cookies);
}

std::string ForeignJar::header_for(const http::Url& url, std::string_view own) {
  const Ref value = ask("header_for", jar_, url, str_of(own));
  if (value) return std::string(utf8_of(value.get()));
  PyErr_WriteUnraisable(jar_);
  return std::string(own);
}

void ForeignJar::store(const http::Url& url,
                       std::span<const http::Field> fields) {
  Ref values = Ref::steal(PyList_New(0));
  for (const http::Field& field : fields) {
    if (!http::equals_ignoring_case(field.name, "set-cookie")) continue;
    const Ref value = str_of(field.value);
    if (value && values) PyList_Append(values.get(), value.get());
  }
  if (!ask("store", jar_, url, values)) PyErr_WriteUnraisable(jar_);
}

bool add_cookie_jar_type(PyObject* module) {
  jar_type = add_type(module, spec);
  return jar_type != nullptr;
}

}  // namespace molotov::python
