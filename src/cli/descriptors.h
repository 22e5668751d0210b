// File descriptors: each worker keeps connections of its own, so many workers
// need many.
#pragma once

#include <cstdint>

#include "base/error.h"
#include "cli/options.h"

namespace molotov::cli {

// How many a process of this load needs at the least: one for each worker, and
// those of the supervisor, Python and the engine.
uint64_t descriptors_needed(const Options& options);

// Raises this process' soft limit (and so that of those under it) as far as the
// hard one allows. Fails where that is not enough; the text says how many are
// needed and what to do.
Result<> provide_descriptors(const Options& options);

// How many workers a process could have by the hard limit.
int64_t workers_possible(const Options& options);

// Opens /dev/null in the place of standard streams that are closed, so that no
// descriptor of ours takes their number.
void open_standard_streams();

}  // namespace molotov::cli
