// The Python type `_engine.Sizing`: load::Sizing, fed with a board's figures.
// For runs without a supervisor.
#pragma once

#include "python/ref.h"

namespace molotov::python {

bool add_sizing_type(PyObject* module);

}  // namespace molotov::python
