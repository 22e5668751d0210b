// The awaitable of a response's body: read(), text(), json(), content.read(n).
#pragma once

#include "python/ref.h"

namespace molotov::python {

enum class BodyRead : uint8_t {
  all,   // bytes of the whole body, kept by the response
  text,  // the same, decoded
  json,
  rest,  // what was not read yet, to the end; not kept
  some,  // up to `size` bytes as soon as there are any, b"" at the end
  none,  // waits for `size` bytes or the end: None
};

// `arguments`: what decoding is given besides, may be nullptr. nullptr with a
// Python error set.
PyObject* make_body_read(PyObject* response, BodyRead kind, Py_ssize_t size,
                         PyObject* arguments);
bool add_body_read_type(PyObject* module);

}  // namespace molotov::python
