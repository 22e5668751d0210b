// The Python type `_engine.AnnouncedScenario`: a scenario of which listeners
// are told when a run starts and how it has ended. Called with the session, it
// gives the run, which the engine steps as it does a scenario's own coroutine.
#pragma once

#include "python/ref.h"

namespace molotov::python {

bool add_announced_types(PyObject* module);

}  // namespace molotov::python
