// The Python type `_engine.Sizing`: metrics::Sizing, fed with a board's
// figures. For runs without a supervisor.
#pragma once

#include "metrics/sizing.h"
#include "python/ref.h"

namespace molotov::python {

// Lives as long as the Sizing; nullptr with a Python error when it is none.
const metrics::SizingVerdict* verdict_of(PyObject* object);

bool add_sizing_type(PyObject* module);

}  // namespace molotov::python
