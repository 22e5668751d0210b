// Memory of the objects that every request makes and lets go: kept for the
// next, as CPython does with its own. Saves an allocation and a deallocation
// under the garbage collector, which cost more than all else of an object.
#pragma once

#include <array>
#include <cstddef>

#include "python/ref.h"

namespace molotov::python {

// Of one type, which the collector tracks. One a process: the GIL guards it.
template <typename Object>
class Spares {
 public:
  // A new object, not tracked yet, what follows its head not set. nullptr with
  // a Python error set.
  Object* take(PyTypeObject* type) {
    if (count_ == 0) return PyObject_GC_New(Object, type);
    Object* const object = kept_[--count_];
    PyObject_Init(reinterpret_cast<PyObject*>(object), type);
    return object;
  }

  // At the end of tp_dealloc: `object` is untracked, what it held is let go.
  void give_back(Object* object) {
    PyTypeObject* const type = Py_TYPE(object);
    if (count_ < kept_.size())
      kept_[count_++] = object;
    else
      type->tp_free(object);
    Py_DECREF(type);
  }

 private:
  std::array<Object*, 256> kept_{};
  size_t count_ = 0;
};

}  // namespace molotov::python
