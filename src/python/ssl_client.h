// The Python type `_engine.SslClient`: TLS as a script's own ssl.SSLContext
// speaks it.
#pragma once

#include "net/tls_client.h"
#include "python/ref.h"

namespace molotov::python {

// The one that the object is; nullptr with a TypeError set.
const net::TlsClient* ssl_client_of(PyObject* object);
bool add_ssl_client_type(PyObject* module);

}  // namespace molotov::python
