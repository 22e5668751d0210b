// Python's values to the engine's options.
#pragma once

#include <vector>

#include "load/run.h"
#include "net/connect.h"
#include "net/resolver.h"
#include "net/tls_context.h"
#include "python/ref.h"

namespace molotov::python {

// All return false with a Python error set.

// {"connect_to": [...], "cacert": ..., "insecure": ...}, or None.
bool read_network_options(PyObject* options, net::TlsClientOptions& tls,
                          std::vector<net::ConnectTo>& connect_to);

// [(address, port), ...], at least one; addresses as text, no names.
bool read_addresses(PyObject* list, std::vector<net::Address>& addresses);

// argparse's dests; `single_mode` is an index by now, or None.
bool read_run_options(PyObject* options, load::RunOptions& read);

}  // namespace molotov::python
