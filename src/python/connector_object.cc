#include "python/connector_object.h"

#include <memory>
#include <optional>

#include "base/time.h"
#include "net/caching_resolver.h"
#include "net/connect.h"
#include "python/convert.h"
#include "python/engine.h"
#include "python/script_network.h"
#include "python/waiter.h"

namespace molotov::python {

namespace {

// What a connector to hosts has of its own; each part refers to those above.
struct Network {
  std::unique_ptr<ScriptSockets> sockets;
  ScriptNames* names = nullptr;  // the resolver's
  std::unique_ptr<net::CachingResolver> resolver;
  std::optional<net::Connector> connector;
};

struct Connector {
  Engine& engine;
  Network network;
  std::unique_ptr<http::Pool> pool;
};

struct ConnectorObject {
  PyObject_HEAD PyObject* engine_object;
  PyObject* weak_references;
  Connector* connector;  // owned; a plain pointer, so that offsetof holds
};

PyTypeObject* connector_type = nullptr;

ConnectorObject* object_of(PyObject* self) {
  return reinterpret_cast<ConnectorObject*>(self);
}

// The connector, set up; nullptr with a Python error set.
Connector* checked(PyObject* self) {
  Connector* connector = object_of(self)->connector;
  if (!connector)
    PyErr_SetString(PyExc_RuntimeError, "the connector is not set up");
  return connector;
}

// Seconds, or None for no end.
bool read_span(PyObject* seconds, std::optional<Duration>& span) {
  span.reset();
  if (seconds == Py_None) return true;
  const double given = PyFloat_AsDouble(seconds);
  if (PyErr_Occurred()) return false;
  span = seconds_to_duration(given);
  return true;
}

// As molotov.client.connector.Network says it.
bool read_network(PyObject* self, Engine& engine, PyObject* given,
                  Network& network) {
  net::RaceOptions race;
  net::NameCacheOptions cache{.by_ttl = false, .rotates = true};
  PyObject *local, *next_after, *make_socket, *look_up, *lifetime;
  Py_ssize_t first_family_count, names_max;
  if (!PyArg_ParseTuple(given, "iOOnOOnO;the network of a connector",
                        &race.family, &local, &next_after, &first_family_count,
                        &make_socket, &look_up, &names_max, &lifetime) ||
      !read_span(next_after, race.next_after) ||
      !read_span(lifetime, cache.lifetime) ||
      (local != Py_None && !read_addresses(local, race.local)))
    return false;
  race.first_family_count = static_cast<size_t>(first_family_count);
  cache.names_max = static_cast<size_t>(names_max);
  if (make_socket != Py_None) {
    network.sockets =
        std::make_unique<ScriptSockets>(engine, Ref::borrow(make_socket));
    race.sockets = network.sockets.get();
  }
  std::unique_ptr<net::NameSource> source;
  if (look_up == Py_None) {
    source = net::Resolver::create_source(engine.loop());
  } else {
    auto names =
        std::make_unique<ScriptNames>(engine, self, Ref::borrow(look_up));
    network.names = names.get();
    source = std::move(names);
  }
  network.resolver = std::make_unique<net::CachingResolver>(
      engine.loop(), std::move(source), cache);
  network.connector.emplace(engine.http().connector(), *network.resolver,
                            std::move(race));
  return true;
}

// Connector(engine, limit, limit_per_host, force_close, keep_alive, network)
int init(PyObject* self, PyObject* args, PyObject* keywords) {
  static const char* names[] = {"engine",      "limit",      "limit_per_host",
                                "force_close", "keep_alive", "network",
                                nullptr};
  PyObject *engine_object, *keep_alive, *network;
  Py_ssize_t limit, limit_per_host;
  int force_close;
  if (!PyArg_ParseTupleAndKeywords(args, keywords, "OnnpOO:Connector",
                                   const_cast<char**>(names), &engine_object,
                                   &limit, &limit_per_host, &force_close,
                                   &keep_alive, &network))
    return -1;
  Engine* engine = engine_of(engine_object);
  if (!engine) return -1;
  if (object_of(self)->connector) {
    PyErr_SetString(PyExc_RuntimeError, "a connector is set up once");
    return -1;
  }
  http::PoolOptions options{
      .limit = static_cast<size_t>(limit),
      .limit_per_host = static_cast<size_t>(limit_per_host),
      .force_close = force_close != 0};
  if (!read_span(keep_alive, options.keep_alive)) return -1;
  std::unique_ptr<Connector> connector(new Connector{*engine, {}, nullptr});
  if (network != Py_None &&
      !read_network(self, *engine, network, connector->network))
    return -1;
  auto& own = connector->network.connector;
  connector->pool = std::make_unique<http::Pool>(engine->http(), options,
                                                 own ? &*own : nullptr);
  object_of(self)->connector = connector.release();
  Py_XSETREF(object_of(self)->engine_object, Py_NewRef(engine_object));
  return 0;
}

// _close(): its idle connections now, and all others once they are free.
PyObject* close(PyObject* self, PyObject*) {
  if (Connector* connector = object_of(self)->connector) {
    connector->engine.enter();
    connector->pool->close();
  }
  Py_RETURN_NONE;
}

PyObject* closed(PyObject* self, void*) {
  const Connector* connector = object_of(self)->connector;
  return PyBool_FromLong(!connector || connector->pool->closed());
}

// How many connections are in use, and how many idle.
PyObject* counts(PyObject* self, void*) {
  const Connector* connector = checked(self);
  if (!connector) return nullptr;
  return Py_BuildValue("(nn)",
                       static_cast<Py_ssize_t>(connector->pool->in_use()),
                       static_cast<Py_ssize_t>(connector->pool->idle()));
}

// _forget_names(host, port): of all, where the host is None.
PyObject* forget_names(PyObject* self, PyObject* args) {
  Connector* connector = checked(self);
  const char* host;
  unsigned short port;
  if (!connector || !PyArg_ParseTuple(args, "zH:_forget_names", &host, &port))
    return nullptr;
  if (net::CachingResolver* names = connector->network.resolver.get()) {
    if (host)
      names->forget(host, port);
    else
      names->forget_all();
  }
  Py_RETURN_NONE;
}

// _answer(number, found): see ScriptNames.
PyObject* answer(PyObject* self, PyObject* args) {
  Connector* connector = checked(self);
  unsigned long long number;
  PyObject* found;
  if (!connector || !PyArg_ParseTuple(args, "KO:_answer", &number, &found))
    return nullptr;
  ScriptNames* names = connector->network.names;
  if (names && !names->answer(number, found)) return nullptr;
  Py_RETURN_NONE;
}

int traverse(PyObject* self, visitproc visit, void* arg) {
  Py_VISIT(Py_TYPE(self));
  Py_VISIT(object_of(self)->engine_object);
  const Connector* connector = object_of(self)->connector;
  if (!connector) return 0;
  const Network& network = connector->network;
  if (network.sockets)
    if (const int result = network.sockets->traverse(visit, arg)) return result;
  return network.names ? network.names->traverse(visit, arg) : 0;
}

int clear(PyObject* self) {
  if (Connector* connector = object_of(self)->connector) {
    if (connector->network.sockets) connector->network.sockets->clear();
    if (connector->network.names) connector->network.names->clear();
  }
  return 0;
}

void dealloc(PyObject* self) {
  PyTypeObject* type = Py_TYPE(self);
  PyObject_GC_UnTrack(self);
  if (object_of(self)->weak_references) PyObject_ClearWeakRefs(self);
  if (Connector* connector = object_of(self)->connector)
    connector->engine.enter();
  std::unique_ptr<Connector>(object_of(self)->connector).reset();
  Py_XDECREF(object_of(self)->engine_object);
  type->tp_free(self);
  Py_DECREF(type);
}

PyMethodDef methods[] = {{"_close", close, METH_NOARGS, nullptr},
                         {"_forget_names", forget_names, METH_VARARGS, nullptr},
                         {"_answer", answer, METH_VARARGS, nullptr},
                         {nullptr, nullptr, 0, nullptr}};

PyGetSetDef attributes[] = {{"closed", closed, nullptr, nullptr, nullptr},
                            {"_counts", counts, nullptr, nullptr, nullptr},
                            {nullptr, nullptr, nullptr, nullptr, nullptr}};

PyMemberDef members[] = {
    {"__weaklistoffset__", kPySsizeT,
     offsetof(ConnectorObject, weak_references), kReadOnly, nullptr},
    {nullptr, 0, 0, 0, nullptr}};

PyType_Slot slots[] = {
    {Py_tp_doc, const_cast<char*>("The native half of a connector.")},
    {Py_tp_new, reinterpret_cast<void*>(PyType_GenericNew)},
    {Py_tp_init, reinterpret_cast<void*>(init)},
    {Py_tp_dealloc, reinterpret_cast<void*>(dealloc)},
    {Py_tp_traverse, reinterpret_cast<void*>(traverse)},
    {Py_tp_clear, reinterpret_cast<void*>(clear)},
    {Py_tp_methods, methods},
    {Py_tp_getset, attributes},
    {Py_tp_members, members},
    {0, nullptr}};

PyType_Spec spec = {
    "molotov._engine.Connector", sizeof(ConnectorObject), 0,
    Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_BASETYPE, slots};

}  // namespace

http::Pool* pool_of(PyObject* object, const Engine& engine) {
  if (!PyObject_TypeCheck(object, connector_type)) {
    PyErr_SetString(PyExc_TypeError, "a Connector is needed");
    return nullptr;
  }
  const Connector* connector = checked(object);
  if (!connector) return nullptr;
  if (&connector->engine == &engine) return connector->pool.get();
  PyErr_SetString(PyExc_RuntimeError,
                  "Session and connector have to use same event loop");
  return nullptr;
}

bool add_connector_type(PyObject* module) {
  connector_type = add_type(module, spec);
  return connector_type != nullptr;
}

}  // namespace molotov::python
