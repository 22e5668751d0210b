// How a request speaks TLS, as Python works it out (molotov.client.tls).
#pragma once

#include "http/proxy.h"
#include "python/ref.h"

namespace molotov::python {

// What `security`, None or (client, server name, fingerprint), says: the client
// is a bool, whether certificates are verified, or an SslClient; the others are
// bytes. All that is read refers to it. False with a Python error set.
bool read_security(PyObject* security, http::Security& read);

// The SslClient in it, borrowed; nullptr where there is none.
// REQUIRES: read_security() has read it.
PyObject* ssl_client_in(PyObject* security);

}  // namespace molotov::python
