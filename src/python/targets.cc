#include "python/targets.h"

#include <memory>
#include <new>

#include "python/engine.h"
#include "python/error.h"

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
  return bool(known_);
}

PyObject* Targets::find(PyObject* url, bool verify) {
  if (url == last_url_.get() && verify) return last_.new_ref();
  PyObject* const found = find_known(url, verify);
  if (found && verify) {
    last_url_ = Ref::borrow(url);
    last_ = Ref::borrow(found);
  }
  return found;
}

PyObject* Targets::find_known(PyObject* url, bool verify) {
  const Ref key =
      verify ? Ref::borrow(url) : Ref::steal(PyTuple_Pack(2, url, Py_False));
  if (!key) return nullptr;
  if (PyObject* known = PyDict_GetItemWithError(known_.get(), key.get()))
    return Py_NewRef(known);
  if (PyErr_Occurred()) return nullptr;
  Ref made = Ref::steal(make(url, verify));
  if (!made) return nullptr;
  if (PyDict_GET_SIZE(known_.get()) >= kKnownMost) PyDict_Clear(known_.get());
  if (PyDict_SetItem(known_.get(), key.get(), made.get()) < 0) return nullptr;
  return made.release();
}

PyObject* Targets::make(PyObject* url, bool verify) const {
  const std::string_view text = utf8_of(url);
  if (PyErr_Occurred()) return nullptr;
  auto parsed = http::parse_url(text);
  auto made = parsed ? engine_.http().make_target(std::move(*parsed), verify)
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
