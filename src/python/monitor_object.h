// The Python type `_engine.RunMonitor`: follows a board and tells, at the end,
// what came of the run. For runs without a supervisor.
#pragma once

#include "python/ref.h"

namespace molotov::python {

bool add_monitor_type(PyObject* module);

}  // namespace molotov::python
