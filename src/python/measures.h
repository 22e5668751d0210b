// What a script measures itself (molotov/measures.py), on its way to the board.
#pragma once

#include "metrics/series.h"
#include "python/ref.h"

namespace molotov::python {

// Where this process counts from now on; nullptr: nowhere, which is how it
// begins. Borrowed.
//
// A SeriesWriter has one writer. Threads of the script may count too: whoever
// uses it has the GIL, the loop while it takes its turns included, so there is
// one at a time.
void count_in(metrics::SeriesWriter* series);
// As count_in(nullptr), where it is there that is counted.
void stop_counting_in(const metrics::SeriesWriter* series);

bool add_measuring_functions(PyObject* module);

}  // namespace molotov::python
