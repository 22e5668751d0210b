// What Python sees of a WorkerTask: asyncio.current_task() in a scenario. Has
// the Task protocol; outlives the worker, and is then done.
#pragma once

#include "python/ref.h"

namespace molotov::python {

class WorkerTask;

// A new reference; nullptr with a Python error set.
PyObject* make_task_object(WorkerTask& worker);
// The worker is gone: done() from now on, and its callbacks are called.
void detach_task_object(PyObject* object);
bool add_task_type(PyObject* module);

}  // namespace molotov::python
