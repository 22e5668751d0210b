// The Python type `_engine.Board`.
#pragma once

#include "metrics/board.h"
#include "python/ref.h"

namespace molotov::python {

// The board behind a Board object and the part it is attached to; nullptr with
// a TypeError set. Valid as long as the object.
metrics::Board* board_of(PyObject* object, size_t* attached_index);
bool add_board_type(PyObject* module);

}  // namespace molotov::python
