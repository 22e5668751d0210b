// The Python type `_engine.EventSender`: tells listeners of events, in line
// with the load. `molotov.listeners.EventSender` extends it.
#pragma once

#include "python/ref.h"
#include "python/telling.h"

namespace molotov::python {

// Those of what the caller knows to be an EventSender.
Audience audience_of(PyObject* sender);
bool is_event_sender(PyObject* object);
bool add_event_sender_type(PyObject* module);

}  // namespace molotov::python
