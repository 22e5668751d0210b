// The options of load models, between Python and the engine.
#pragma once

#include "load/run.h"
#include "python/ref.h"

namespace molotov::python {

// Of argparse's dests: rate, arrival, stages, warmup, seed. A Python error is
// set where one cannot be used.
void read_load_model(PyObject* options, load::RunOptions& read);

// parse_rate(text) and parse_stages(text) of the module.
PyObject* parse_rate_text(PyObject*, PyObject* text);
PyObject* parse_stages_text(PyObject*, PyObject* text);

}  // namespace molotov::python
