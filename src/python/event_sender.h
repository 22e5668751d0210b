// The Python type `_engine.EventSender`: tells listeners of events, in line
// with the load. `molotov.listeners.EventSender` extends it.
#pragma once

#include "python/ref.h"

namespace molotov::python {

bool add_event_sender_types(PyObject* module);

}  // namespace molotov::python
