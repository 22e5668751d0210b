// What `json=` sends: the bytes of Python's json.dumps(value), made without it.
#pragma once

#include <string>

#include "python/ref.h"

namespace molotov::python {

// Puts the text into `out`, in place of what is there: ASCII, with the spaces
// and escapes of json.dumps().
// False, and no Python error set, for whatever is not made of dict (with str
// keys), list, tuple, str, int, float, bool and None themselves, is nested
// deeper than 64, or has a number of more than 64 bits: Python's own decides
// what becomes of those.
bool encode_json(PyObject* value, std::string& out);

}  // namespace molotov::python
