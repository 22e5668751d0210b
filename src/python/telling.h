// An event on its way to the listeners of an EventSender, one after the other,
// in line with the load: what a listener returns is awaited before the next is
// called. What one raises is printed, and the others are told all the same;
// what is no Exception passes.
#pragma once

#include <initializer_list>

#include "python/ref.h"

namespace molotov::python {

// Who is told, and who prints: an EventSender's own. Both borrowed.
struct Audience {
  PyObject* listeners;  // a list, to which more may be added at any time
  PyObject* printer;    // has print_error(error)
};

// Where an event has come to.
class Round {
 public:
  // PYGEN_NEXT: a listener waits, *result is what it yields, and the next
  // send() is for it. PYGEN_RETURN: all were told; *result is not set.
  // `arguments` are the event and the values of the `keywords` (a tuple of
  // names, or nullptr).
  PySendResult send(const Audience& audience, PyObject* const* arguments,
                    PyObject* keywords, PyObject* value, PyObject** result);
  // The same, with an exception for the listener that waits, as throw() of a
  // generator takes it. It may catch it; if it does not, the error is its.
  PySendResult throw_(const Audience& audience, PyObject* const* arguments,
                      PyObject* keywords, PyObject* thrown, PyObject** result);
  // Ends the listener that waits; nobody else is told. False with a Python
  // error set.
  bool close();
  int traverse(visitproc visit, void* arg) const {
    return waited_for_.visit(visit, arg);
  }

 private:
  PySendResult go_on(const Audience& audience, PyObject* const* arguments,
                     PyObject* keywords, PySendResult sent, PyObject** result);
  PySendResult call_next(const Audience& audience, PyObject* const* arguments,
                         PyObject* keywords, PyObject** result);

  Ref waited_for_;  // by the listener that is being told
  Py_ssize_t next_ = 0;
};

// A Round as an awaitable object: what send_event() gives. `sender` is an
// EventSender. nullptr with a Python error set.
PyObject* make_telling(PyObject* sender, PyObject* const* arguments,
                       PyObject* keywords, Round round);

// Tells the listeners of `sender` at once. As Round::send; where a listener
// waits, `telling` is what the next send() or throw() is for, until it ends.
PySendResult tell(PyObject* sender, PyObject* const* arguments,
                  PyObject* keywords, Ref& telling, PyObject** result);

// A tuple of names for `keywords` above. nullptr with a Python error set.
PyObject* keyword_names(std::initializer_list<const char*> names);
bool add_telling_type(PyObject* module);

}  // namespace molotov::python
