// `__aenter__` and `__aexit__` for a type whose objects are called instead.
//
// `async with` looks both up and binds them to the object, for which CPython
// makes two objects a request. This descriptor binds to the object itself: it
// is then called with no argument to enter, with three to leave.
#pragma once

#include "python/ref.h"

namespace molotov::python {

// Gives `type` both. REQUIRES: its objects have a vectorcall that does as said
// above. False with a Python error set.
bool add_async_with(PyTypeObject* type);
bool add_async_with_type(PyObject* module);

}  // namespace molotov::python
