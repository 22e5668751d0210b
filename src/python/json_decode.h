// What response.json() gives: the value of Python's json.loads(text), made
// without it (by simdjson).
#pragma once

#include <string_view>

#include "python/ref.h"

namespace molotov::python {

// A new reference. Nothing, mostly with no Python error set, where Python's own
// decides what becomes of the text: what is not JSON, or not UTF-8, a byte
// order mark, half a surrogate pair, numbers of more than 64 bits.
Ref decode_json(std::string_view body);

}  // namespace molotov::python
