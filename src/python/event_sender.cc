#include "python/event_sender.h"

#include <cstddef>

#include "python/telling.h"

namespace molotov::python {

namespace {

struct SenderObject {
  PyObject_HEAD PyObject* printer;
  PyObject* listeners;
};

PyTypeObject* sender_type = nullptr;

SenderObject* object_of(PyObject* self) {
  return reinterpret_cast<SenderObject*>(self);
}

PyObject* make(PyTypeObject* type, PyObject* args, PyObject* keywords) {
  static const char* names[] = {"console", "listeners", nullptr};
  PyObject *printer, *given = nullptr;
  if (!PyArg_ParseTupleAndKeywords(args, keywords, "O|O:EventSender",
                                   const_cast<char**>(names), &printer, &given))
    return nullptr;
  Ref listeners = Ref::steal(given ? PySequence_List(given) : PyList_New(0));
  PyObject* self = listeners ? type->tp_alloc(type, 0) : nullptr;
  if (!self) return nullptr;
  object_of(self)->printer = Py_NewRef(printer);
  object_of(self)->listeners = listeners.release();
  return self;
}

// send_event(event, **info)
PyObject* send_event(PyObject* self, PyObject* const* given, Py_ssize_t count,
                     PyObject* keywords) {
  if (count != 1) {
    PyErr_Format(PyExc_TypeError,
                 "send_event() takes an event and keywords, not %zd events",
                 count);
    return nullptr;
  }
  return make_telling(self, given, keywords, Round());
}

int traverse(PyObject* self, visitproc visit, void* arg) {
  Py_VISIT(Py_TYPE(self));
  Py_VISIT(object_of(self)->listeners);
  Py_VISIT(object_of(self)->printer);
  return 0;
}

int clear(PyObject* self) {
  Py_CLEAR(object_of(self)->listeners);
  Py_CLEAR(object_of(self)->printer);
  return 0;
}

void dealloc(PyObject* self) {
  PyTypeObject* type = Py_TYPE(self);
  PyObject_GC_UnTrack(self);
  clear(self);
  type->tp_free(self);
  Py_DECREF(type);
}

PyMethodDef methods[] = {
    {"send_event", as_method(send_event), METH_FASTCALL | METH_KEYWORDS,
     "send_event($self, event, /, **info)\n--\n\n"
     "Tells each listener, once it is awaited."},
    {nullptr, nullptr, 0, nullptr}};

PyMemberDef members[] = {
    {"_listeners", kObjectEx, offsetof(SenderObject, listeners), kReadOnly,
     nullptr},
    {nullptr, 0, 0, 0, nullptr}};

PyType_Slot slots[] = {
    {Py_tp_doc, const_cast<char*>("Tells listeners of events.")},
    {Py_tp_new, reinterpret_cast<void*>(make)},
    {Py_tp_dealloc, reinterpret_cast<void*>(dealloc)},
    {Py_tp_traverse, reinterpret_cast<void*>(traverse)},
    {Py_tp_clear, reinterpret_cast<void*>(clear)},
    {Py_tp_methods, methods},
    {Py_tp_members, members},
    {0, nullptr}};

PyType_Spec spec = {
    "molotov._engine.EventSender", sizeof(SenderObject), 0,
    Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_BASETYPE, slots};

}  // namespace

Audience audience_of(PyObject* sender) {
  return {.listeners = object_of(sender)->listeners,
          .printer = object_of(sender)->printer};
}

bool is_event_sender(PyObject* object) {
  return PyObject_TypeCheck(object, sender_type);
}

bool add_event_sender_type(PyObject* module) {
  sender_type = add_type(module, spec);
  return sender_type != nullptr;
}

}  // namespace molotov::python
