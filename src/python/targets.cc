#include "python/targets.h"

#include <memory>
#include <new>

#include "python/engine.h"
#include "python/error.h"
#include "python/route.h"
#include "python/security.h"

namespace molotov::python {

namespace {

// Beyond it all are made anew.
constexpr Py_ssize_t kKnownMost = 10000;

struct TargetObject {
  PyObject_HEAD http::Target target;
};

PyTypeObject* target_type = nullptr;

void dealloc(PyObject* self) {
  PyTypeObject* type = Py_TYPE(self);
  std::destroy_at(&reinterpret_cast<TargetObject*>(self)->target);
  type->tp_free(self);
  Py_DECREF(type);
}

PyType_Slot slots[] = {{Py_tp_dealloc, reinterpret_cast<void*>(dealloc)},
                       {0, nullptr}};

PyType_Spec spec = {"molotov._engine.Target", sizeof(TargetObject), 0,
                    Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION,
                    slots};

}  // namespace

bool Targets::init() {
  known_ = Ref::steal(PyDict_New());
  clients_ = Ref::steal(PySet_New(nullptr));
  return known_ && clients_;
}

PyObject* Targets::find(PyObject* url, PyObject* security, PyObject* route,
                        http::UrlForm form) {
  const bool plain = security == Py_None && route == Py_None &&
                     form == http::UrlForm::requoted;
  if (url == last_url_.get() && plain) return last_.new_ref();
  PyObject* const found = find_known(url, security, route, form);
  if (found && plain) {
    last_url_ = Ref::borrow(url);
    last_ = Ref::borrow(found);
  }
  return found;
}

PyObject* Targets::find_known(PyObject* url, PyObject* security,
                              PyObject* route, http::UrlForm form) {
  const bool as_is = form == http::UrlForm::as_is;
  const Ref key = security == Py_None && route == Py_None && !as_is
                      ? Ref::borrow(url)
                      : Ref::steal(PyTuple_Pack(4, url, security, route,
                                                as_is ? Py_True : Py_False));
  if (!key) return nullptr;
  if (PyObject* known = PyDict_GetItemWithError(known_.get(), key.get()))
    return Py_NewRef(known);
  if (PyErr_Occurred()) return nullptr;
  Ref made = Ref::steal(make(url, security, route, form));
  if (!made) return nullptr;
  if (PyDict_GET_SIZE(known_.get()) >= kKnownMost) PyDict_Clear(known_.get());
  if (PyDict_SetItem(known_.get(), key.get(), made.get()) < 0) return nullptr;
  return made.release();
}

// Origins know it by its address.
bool Targets::keep_client(PyObject* security) {
  PyObject* const client = ssl_client_in(security);
  return !client || PySet_Add(clients_.get(), client) == 0;
}

PyObject* Targets::make(PyObject* url, PyObject* security, PyObject* route,
                        http::UrlForm form) {
  const std::string_view text = utf8_of(url);
  http::Security secured;
  http::Route way;
  if (PyErr_Occurred() || !read_security(security, secured) ||
      !keep_client(security) || !read_route(engine_, route, secured, way))
    return nullptr;
  auto parsed = http::parse_url(text, form);
  auto made = parsed
                  ? engine_.http().make_target(std::move(*parsed), secured, way)
                  : std::unexpected(parsed.error());
  if (!made) {
    raise_error(engine_, made.error(), text);
    return nullptr;
  }
  TargetObject* object = PyObject_New(TargetObject, target_type);
  if (object) new (&object->target) http::Target(std::move(*made));
  return reinterpret_cast<PyObject*>(object);
}

int Targets::traverse(visitproc visit, void* arg) const {
  Py_VISIT(known_.get());
  return 0;
}

const http::Target& target_in(PyObject* object) {
  return reinterpret_cast<TargetObject*>(object)->target;
}

bool add_target_type(PyObject* module) {
  target_type = add_type(module, spec);
  return target_type != nullptr;
}

}  // namespace molotov::python
