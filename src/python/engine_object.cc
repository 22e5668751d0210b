// The Python type `_engine.Engine`, and the function `_engine.run`.
#include <cstddef>
#include <memory>

#include "python/board_object.h"
#include "python/convert.h"
#include "python/engine.h"

namespace molotov::python {

namespace {

struct EngineObject {
  PyObject_HEAD Engine* engine;
  PyObject* board;  // kept as long as the engine counts on it
  PyObject* weak_references;
};

PyTypeObject* engine_type = nullptr;

EngineObject* object_of(PyObject* self) {
  return reinterpret_cast<EngineObject*>(self);
}

int init(PyObject* self, PyObject* args, PyObject* keywords) {
  static const char* names[] = {"board", "wake_fd", "network", nullptr};
  PyObject* board_object = Py_None;
  PyObject* network = Py_None;
  int wake_fd = -1;
  if (!PyArg_ParseTupleAndKeywords(args, keywords, "|OiO:Engine",
                                   const_cast<char**>(names), &board_object,
                                   &wake_fd, &network))
    return -1;
  if (object_of(self)->engine) {
    PyErr_SetString(PyExc_RuntimeError, "an Engine is made once");
    return -1;
  }
  metrics::Board* board = nullptr;
  size_t index = 0;
  if (board_object != Py_None) {
    board = board_of(board_object, &index);
    if (!board) return -1;
  }
  auto engine = Engine::create(board, index, wake_fd, network);
  if (!engine) return -1;
  object_of(self)->engine = engine.release();
  object_of(self)->board = Py_NewRef(board_object);
  return 0;
}

int traverse(PyObject* self, visitproc visit, void* arg) {
  Py_VISIT(Py_TYPE(self));
  Py_VISIT(object_of(self)->board);
  Engine* engine = object_of(self)->engine;
  return engine ? engine->traverse(visit, arg) : 0;
}

int clear(PyObject* self) {
  if (Engine* engine = object_of(self)->engine) engine->clear();
  return 0;
}

void dealloc(PyObject* self) {
  PyTypeObject* type = Py_TYPE(self);
  PyObject_GC_UnTrack(self);
  if (object_of(self)->weak_references) PyObject_ClearWeakRefs(self);
  std::unique_ptr<Engine>(object_of(self)->engine).reset();
  Py_XDECREF(object_of(self)->board);
  type->tp_free(self);
  Py_DECREF(type);
}

PyObject* bind(PyObject* self, PyObject* loop) {
  Engine* engine = engine_of(self);
  if (!engine || !engine->bind(loop)) return nullptr;
  Py_RETURN_NONE;
}

PyObject* join(PyObject* self, PyObject* loop) {
  Engine* engine = engine_of(self);
  if (!engine || !engine->join(loop)) return nullptr;
  Py_RETURN_NONE;
}

PyObject* descriptor(PyObject* self, PyObject*) {
  Engine* engine = engine_of(self);
  return engine ? PyLong_FromLong(engine->guest_descriptor()) : nullptr;
}

PyObject* turn(PyObject* self, PyObject*) {
  Engine* engine = engine_of(self);
  if (!engine) return nullptr;
  engine->take_guest_turn();
  Py_RETURN_NONE;
}

PyObject* watch(PyObject* self, PyObject* args) {
  Engine* engine = engine_of(self);
  int fd, events;
  if (!engine || !PyArg_ParseTuple(args, "ii:watch", &fd, &events))
    return nullptr;
  // A selector's EVENT_READ is 1 and EVENT_WRITE 2; epoll's are 1 and 4.
  const uint32_t wanted = (events & 1 ? 1u : 0u) | (events & 2 ? 4u : 0u);
  if (!engine->watch(fd, wanted)) return nullptr;
  Py_RETURN_NONE;
}

PyObject* unwatch(PyObject* self, PyObject* fd_object) {
  Engine* engine = engine_of(self);
  const int fd = engine ? static_cast<int>(PyLong_AsLong(fd_object)) : -1;
  if (PyErr_Occurred()) return nullptr;
  engine->unwatch(fd);
  Py_RETURN_NONE;
}

PyObject* select(PyObject* self, PyObject* timeout) {
  Engine* engine = engine_of(self);
  return engine ? engine->select(timeout) : nullptr;
}

PyObject* open_statsd(PyObject* self, PyObject* args) {
  Engine* engine = engine_of(self);
  const char* hostname;
  PyObject *list, *on_trouble;
  std::vector<net::Address> addresses;
  if (!engine ||
      !PyArg_ParseTuple(args, "sOO:open_statsd", &hostname, &list,
                        &on_trouble) ||
      !read_addresses(list, addresses) ||
      !engine->open_statsd(hostname, std::move(addresses), on_trouble))
    return nullptr;
  Py_RETURN_NONE;
}

PyObject* send_statsd(PyObject* self, PyObject* datagram) {
  Engine* engine = engine_of(self);
  if (!engine) return nullptr;
  if (!PyUnicode_Check(datagram)) return PyErr_BadArgument(), nullptr;
  const std::string_view bytes = utf8_of(datagram);
  if (PyErr_Occurred()) return nullptr;
  engine->send_statsd(bytes);
  Py_RETURN_NONE;
}

PyObject* close_statsd(PyObject* self, PyObject*) {
  Engine* engine = engine_of(self);
  if (!engine) return nullptr;
  engine->close_statsd();
  Py_RETURN_NONE;
}

PyObject* statsd_is_open(PyObject* self, void*) {
  Engine* engine = engine_of(self);
  return engine ? PyBool_FromLong(engine->statsd_is_open()) : nullptr;
}

PyObject* running(PyObject* self, void*) {
  Engine* engine = engine_of(self);
  return engine ? PyBool_FromLong(engine->run() != nullptr) : nullptr;
}

PyGetSetDef attributes[] = {
    {"running", running, nullptr, "Whether workers have yet to end.", nullptr},
    {"statsd_is_open", statsd_is_open, nullptr, nullptr, nullptr},
    {nullptr, nullptr, nullptr, nullptr, nullptr}};

PyMethodDef methods[] = {
    {"bind", bind, METH_O, "Tells it the asyncio loop that runs on it."},
    {"join", join, METH_O, "Makes it a guest on any other asyncio loop."},
    {"fileno", descriptor, METH_NOARGS, "Readable when turn() is wanted."},
    {"turn", turn, METH_NOARGS, "A guest's turn."},
    {"watch", watch, METH_VARARGS, "Watches a descriptor for selector events."},
    {"unwatch", unwatch, METH_O, "Ends the watch of a descriptor."},
    {"select", select, METH_O,
     "Serves the engine until asyncio has something to do."},
    {"open_statsd", open_statsd, METH_VARARGS, "Begins to send metrics."},
    {"send_statsd", send_statsd, METH_O, "Sends a metric."},
    {"close_statsd", close_statsd, METH_NOARGS,
     "Sends what is left and ends it."},
    {nullptr, nullptr, 0, nullptr}};

PyMemberDef members[] = {
    {"__weaklistoffset__", kPySsizeT, offsetof(EngineObject, weak_references),
     kReadOnly, nullptr},
    {nullptr, 0, 0, 0, nullptr}};

PyType_Slot slots[] = {
    {Py_tp_doc, const_cast<char*>("The native event loop of a process.")},
    {Py_tp_new, reinterpret_cast<void*>(PyType_GenericNew)},
    {Py_tp_init, reinterpret_cast<void*>(init)},
    {Py_tp_dealloc, reinterpret_cast<void*>(dealloc)},
    {Py_tp_traverse, reinterpret_cast<void*>(traverse)},
    {Py_tp_clear, reinterpret_cast<void*>(clear)},
    {Py_tp_methods, methods},
    {Py_tp_getset, attributes},
    {Py_tp_members, members},
    {0, nullptr}};

PyType_Spec spec = {"molotov._engine.Engine", sizeof(EngineObject), 0,
                    Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC, slots};

}  // namespace

Engine* engine_of(PyObject* object) {
  if (!PyObject_TypeCheck(object, engine_type)) {
    PyErr_Format(PyExc_TypeError, "an Engine is needed, not %R", object);
    return nullptr;
  }
  Engine* engine = object_of(object)->engine;
  if (!engine) PyErr_SetString(PyExc_RuntimeError, "the Engine is not set up");
  return engine;
}

bool add_engine_type(PyObject* module) {
  engine_type = add_type(module, spec);
  return engine_type != nullptr;
}

PyObject* start_run(PyObject*, PyObject* args, PyObject* keywords) {
  static const char* names[] = {"engine",  "board",   "process_index",
                                "options", "program", nullptr};
  PyObject *engine_object, *board_object, *options_object, *program;
  Py_ssize_t index;
  if (!PyArg_ParseTupleAndKeywords(
          args, keywords, "OOnOO:run", const_cast<char**>(names),
          &engine_object, &board_object, &index, &options_object, &program))
    return nullptr;
  Engine* engine = engine_of(engine_object);
  size_t attached;
  metrics::Board* board = engine ? board_of(board_object, &attached) : nullptr;
  load::RunOptions options;
  if (!board || !read_run_options(options_object, options)) return nullptr;
  if (index < 0 || static_cast<size_t>(index) >= board->processes()) {
    PyErr_SetString(PyExc_ValueError, "no such process on the board");
    return nullptr;
  }
  if (!engine->start_run(options, *board, static_cast<size_t>(index), program))
    return nullptr;
  Py_RETURN_NONE;
}

}  // namespace molotov::python
