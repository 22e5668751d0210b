// An owned reference to a Python object, and the little that goes with it.
//
// Ref::steal takes a reference over, Ref::borrow adds one. All of src/python
// runs with the GIL held, except where a wait gives it up.
#pragma once

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <structmember.h>

#include <string_view>
#include <utility>

namespace molotov::python {

class Ref {
 public:
  Ref() = default;
  static Ref steal(PyObject* object) { return Ref(object); }
  static Ref borrow(PyObject* object) { return Ref(Py_XNewRef(object)); }
  Ref(Ref&& other) noexcept : object_(other.release()) {}
  Ref& operator=(Ref&& other) noexcept {
    reset(other.release());
    return *this;
  }
  ~Ref() { Py_XDECREF(object_); }

  PyObject* get() const { return object_; }
  explicit operator bool() const { return object_ != nullptr; }
  PyObject* release() { return std::exchange(object_, nullptr); }
  PyObject* new_ref() const { return Py_XNewRef(object_); }
  // The old object is let go last: that may run any Python code.
  void reset(PyObject* stolen = nullptr) {
    Py_XDECREF(std::exchange(object_, stolen));
  }
  int visit(visitproc visit, void* arg) const {
    Py_VISIT(object_);
    return 0;
  }

 private:
  explicit Ref(PyObject* object) : object_(object) {}
  PyObject* object_ = nullptr;
};

// The raised exception, taken; nothing where none is.
inline Ref take_raised() {
#if PY_VERSION_HEX >= 0x030C0000
  return Ref::steal(PyErr_GetRaisedException());
#else
  PyObject *type, *value, *traceback;
  PyErr_Fetch(&type, &value, &traceback);
  if (!type) return {};
  PyErr_NormalizeException(&type, &value, &traceback);
  if (traceback) PyException_SetTraceback(value, traceback);
  Py_DECREF(type);
  Py_XDECREF(traceback);
  return Ref::steal(value);
#endif
}

inline void raise(Ref exception) {
#if PY_VERSION_HEX >= 0x030C0000
  PyErr_SetRaisedException(exception.release());
#else
  PyObject* type = Py_NewRef(Py_TYPE(exception.get()));
  PyObject* traceback = PyException_GetTraceback(exception.get());
  PyErr_Restore(type, exception.release(), traceback);
#endif
}

// A str's UTF-8, valid as long as the str; an empty view with a Python error
// set where it has none.
inline std::string_view utf8_of(PyObject* text) {
  Py_ssize_t size = 0;
  const char* bytes = PyUnicode_AsUTF8AndSize(text, &size);
  return bytes ? std::string_view(bytes, static_cast<size_t>(size))
               : std::string_view();
}

// What is in a bytes object, valid as long as that.
inline std::string_view view_of(PyObject* bytes) {
  return {PyBytes_AS_STRING(bytes),
          static_cast<size_t>(PyBytes_GET_SIZE(bytes))};
}

inline Ref str_of(std::string_view text) {
  return Ref::steal(PyUnicode_DecodeUTF8(
      text.data(), static_cast<Py_ssize_t>(text.size()), "surrogateescape"));
}

inline Ref bytes_of(std::string_view bytes) {
  return Ref::steal(PyBytes_FromStringAndSize(
      bytes.data(), static_cast<Py_ssize_t>(bytes.size())));
}

// Names that CPython 3.12 renamed.
#if PY_VERSION_HEX >= 0x030C0000
constexpr int kPySsizeT = Py_T_PYSSIZET;
constexpr int kReadOnly = Py_READONLY;
constexpr int kObjectEx = Py_T_OBJECT_EX;
#else
constexpr int kPySsizeT = T_PYSSIZET;
constexpr int kReadOnly = READONLY;
constexpr int kObjectEx = T_OBJECT_EX;
#endif

// A function of any of CPython's calling conventions, for a PyMethodDef.
template <typename Function>
PyCFunction as_method(Function* function) {
  return reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(function));
}

// Makes a heap type and adds it to the module. Returns it, borrowed from the
// module; nullptr with a Python error set.
PyTypeObject* add_type(PyObject* module, PyType_Spec& spec);

}  // namespace molotov::python
