#include "python/security.h"

#include "python/ssl_client.h"

namespace molotov::python {

bool read_security(PyObject* security, http::Security& read) {
  if (security == Py_None) return true;
  PyObject *client, *server_name, *fingerprint;
  if (!PyArg_ParseTuple(security, "OSS;how TLS is spoken", &client,
                        &server_name, &fingerprint))
    return false;
  read.server_name = view_of(server_name);
  read.fingerprint = view_of(fingerprint);
  if (PyBool_Check(client)) {
    read.verify = client == Py_True;
    return true;
  }
  read.client = ssl_client_of(client);
  return read.client != nullptr;
}

PyObject* ssl_client_in(PyObject* security) {
  if (security == Py_None) return nullptr;
  PyObject* const client = PyTuple_GET_ITEM(security, 0);
  return PyBool_Check(client) ? nullptr : client;
}

}  // namespace molotov::python
