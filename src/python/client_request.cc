#include "python/client_request.h"

#include <cstddef>
#include <string>

#include "python/spares.h"
#include "python/targets.h"

namespace molotov::python {

namespace {

struct ClientRequestObject {
  PyObject_HEAD PyObject* method;
  PyObject* body;
  PyObject* where;    // its target (of Targets), or its URL as a str
  PyObject* head;     // bytes
  PyObject* url;      // made when asked for
  PyObject* headers;  // likewise
  PyObject* attributes;
  PyObject* weak_references;
};

PyTypeObject* client_request_type = nullptr;
PyObject* get_name = nullptr;  // "GET", which nearly all are
PyObject* no_body = nullptr;
Spares<ClientRequestObject> spares;

ClientRequestObject* object_of(PyObject* self) {
  return reinterpret_cast<ClientRequestObject*>(self);
}

Ref method_of(std::string_view method) {
  return method == "GET" ? Ref::borrow(get_name) : str_of(method);
}

Ref head_of(http::Exchange& exchange) {
  static std::string rendered;  // the GIL guards it
  rendered.clear();
  exchange.render_head(rendered);
  return bytes_of(rendered);
}

Ref url_text(const ClientRequestObject* request) {
  if (PyUnicode_Check(request->where)) return Ref::borrow(request->where);
  return str_of(target_in(request->where).url.to_string());
}

// molotov._observed.NAME(argument).
PyObject* computed(const char* name, PyObject* argument) {
  const Ref module = Ref::steal(PyImport_ImportModule("molotov._observed"));
  if (!module || !argument) return nullptr;
  return PyObject_CallMethod(module.get(), name, "O", argument);
}

PyObject* url(PyObject* self, void*) {
  ClientRequestObject* request = object_of(self);
  if (!request->url) request->url = computed("url_of", url_text(request).get());
  return Py_XNewRef(request->url);
}

PyObject* headers(PyObject* self, void*) {
  ClientRequestObject* request = object_of(self);
  if (!request->headers)
    request->headers = computed("headers_of", request->head);
  return Py_XNewRef(request->headers);
}

int set_url(PyObject* self, PyObject* value, void*) {
  Py_XSETREF(object_of(self)->url, Py_XNewRef(value));
  return 0;
}

int set_headers(PyObject* self, PyObject* value, void*) {
  Py_XSETREF(object_of(self)->headers, Py_XNewRef(value));
  return 0;
}

PyObject* repr(PyObject* self) {
  const Ref text = url_text(object_of(self));
  if (!text) return nullptr;
  return PyUnicode_FromFormat("<ClientRequest %V %S>", object_of(self)->method,
                              "", text.get());
}

int traverse(PyObject* self, visitproc visit, void* arg) {
  const ClientRequestObject* request = object_of(self);
  Py_VISIT(Py_TYPE(self));
  Py_VISIT(request->method);
  Py_VISIT(request->body);
  Py_VISIT(request->url);
  Py_VISIT(request->headers);
  Py_VISIT(request->attributes);
  return 0;
}

int clear(PyObject* self) {
  ClientRequestObject* request = object_of(self);
  Py_CLEAR(request->method);
  Py_CLEAR(request->body);
  Py_CLEAR(request->url);
  Py_CLEAR(request->headers);
  Py_CLEAR(request->attributes);
  return 0;
}

void dealloc(PyObject* self) {
  ClientRequestObject* request = object_of(self);
  PyObject_GC_UnTrack(self);
  if (request->weak_references) PyObject_ClearWeakRefs(self);
  clear(self);
  Py_CLEAR(request->where);
  Py_CLEAR(request->head);
  spares.give_back(request);
}

PyMemberDef members[] = {
    {"method", kObjectEx, offsetof(ClientRequestObject, method), 0,
     "The method, in capitals."},
    {"body", kObjectEx, offsetof(ClientRequestObject, body), 0,
     "The body as it is sent; b'' where there is none."},
    {"__dictoffset__", kPySsizeT, offsetof(ClientRequestObject, attributes),
     kReadOnly, nullptr},
    {"__weaklistoffset__", kPySsizeT,
     offsetof(ClientRequestObject, weak_references), kReadOnly, nullptr},
    {nullptr, 0, 0, 0, nullptr}};

PyGetSetDef attributes[] = {
    {"url", url, set_url, "A yarl.URL.", nullptr},
    {"headers", headers, set_headers,
     "All fields in their order, those of the client's own too: a "
     "CIMultiDictProxy.",
     nullptr},
    {"__dict__", PyObject_GenericGetDict, PyObject_GenericSetDict, nullptr,
     nullptr},
    {nullptr, nullptr, nullptr, nullptr, nullptr}};

PyType_Slot slots[] = {
    {Py_tp_doc, const_cast<char*>("A request as it goes out. Listeners may set "
                                  "any attributes on it.")},
    {Py_tp_repr, reinterpret_cast<void*>(repr)},
    {Py_tp_dealloc, reinterpret_cast<void*>(dealloc)},
    {Py_tp_traverse, reinterpret_cast<void*>(traverse)},
    {Py_tp_clear, reinterpret_cast<void*>(clear)},
    {Py_tp_members, members},
    {Py_tp_getset, attributes},
    {0, nullptr}};

PyType_Spec spec = {
    "molotov._engine.ClientRequest", sizeof(ClientRequestObject), 0,
    Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    slots};

}  // namespace

PyObject* make_client_request(http::Exchange& exchange, PyObject* target,
                              PyObject* body) {
  Ref method = method_of(exchange.method());
  // A redirect's own target goes when the exchange does.
  Ref where = exchange.history().empty() ? Ref::borrow(target)
                                         : str_of(exchange.url().to_string());
  Ref head = head_of(exchange);
  if (!method || !where || !head) return nullptr;
  ClientRequestObject* request = spares.take(client_request_type);
  if (!request) return nullptr;
  request->method = method.release();
  request->body = Py_NewRef(body ? body : no_body);
  request->where = where.release();
  request->head = head.release();
  request->url = request->headers = request->attributes =
      request->weak_references = nullptr;
  PyObject_GC_Track(request);
  return reinterpret_cast<PyObject*>(request);
}

bool add_client_request_type(PyObject* module) {
  client_request_type = add_type(module, spec);
  get_name = PyUnicode_InternFromString("GET");
  no_body = PyBytes_FromStringAndSize(nullptr, 0);
  return client_request_type && get_name && no_body;
}

}  // namespace molotov::python
