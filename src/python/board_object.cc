#include "python/board_object.h"

#include <unistd.h>

#include <functional>
#include <memory>
#include <string_view>

namespace molotov::python {

namespace {

struct BoardObject {
  PyObject_HEAD metrics::Board* board;
  size_t index;
};

PyTypeObject* board_type = nullptr;

BoardObject* object_of(PyObject* self) {
  return reinterpret_cast<BoardObject*>(self);
}

// Set with an index that is on the board, or a Python error.
bool check_index(PyObject* self, Py_ssize_t index) {
  if (index >= 0 &&
      static_cast<size_t>(index) < object_of(self)->board->processes())
    return true;
  PyErr_Format(PyExc_ValueError, "no process %zd on the board", index);
  return false;
}

metrics::ProcessPart& part_of(PyObject* self) {
  return object_of(self)->board->part(object_of(self)->index);
}

// A new object for it; nullptr with a ValueError where there is none.
PyObject* hold(PyTypeObject* type,
               Result<std::unique_ptr<metrics::Board>> board) {
  if (!board) {
    PyErr_SetString(PyExc_ValueError, board.error().message().c_str());
    return nullptr;
  }
  auto* self = object_of(type->tp_alloc(type, 0));
  if (!self) return nullptr;
  self->board = board->release();
  self->index = 0;
  return reinterpret_cast<PyObject*>(self);
}

PyObject* make(PyTypeObject* type, PyObject* args, PyObject*) {
  int fd;
  if (!PyArg_ParseTuple(args, "i:Board", &fd)) return nullptr;
  return hold(type, metrics::Board::open(Fd(::dup(fd))));
}

PyObject* create(PyObject* type, PyObject* processes_object) {
  const Py_ssize_t processes = PyLong_AsSsize_t(processes_object);
  if (PyErr_Occurred()) return nullptr;
  if (processes < 1)
    return PyErr_Format(PyExc_ValueError, "no board for %zd processes",
                        processes);
  return hold(reinterpret_cast<PyTypeObject*>(type),
              metrics::Board::create(static_cast<size_t>(processes)));
}

void dealloc(PyObject* self) {
  PyTypeObject* type = Py_TYPE(self);
  std::unique_ptr<metrics::Board>(object_of(self)->board).reset();
  type->tp_free(self);
  Py_DECREF(type);
}

PyObject* attach(PyObject* self, PyObject* index_object) {
  const Py_ssize_t index = PyLong_AsSsize_t(index_object);
  if (PyErr_Occurred() || !check_index(self, index)) return nullptr;
  object_of(self)->index = static_cast<size_t>(index);
  part_of(self).pid.set(static_cast<uint64_t>(::getpid()));
  Py_RETURN_NONE;
}

PyObject* set_phase(PyObject* self, PyObject* name) {
  constexpr std::string_view kPhases[] = {"starting", "preparing", "running",
                                          "ending", "finished"};
  static_assert(std::size(kPhases) == metrics::kPhases);
  if (!PyUnicode_Check(name)) return PyErr_BadArgument(), nullptr;
  for (size_t i = 0; i < std::size(kPhases); i++) {
    if (kPhases[i] != utf8_of(name)) continue;
    part_of(self).set_phase(static_cast<metrics::Phase>(i));
    Py_RETURN_NONE;
  }
  return PyErr_Format(PyExc_ValueError, "no phase %R", name);
}

PyObject* request_stop(PyObject* self, PyObject* level_object) {
  const long level = PyLong_AsLong(level_object);
  if (PyErr_Occurred()) return nullptr;
  if (level != 1 && level != 2)
    return PyErr_Format(PyExc_ValueError, "no stop level %ld", level);
  object_of(self)->board->request_stop(static_cast<metrics::StopLevel>(level));
  Py_RETURN_NONE;
}

PyObject* stop_level(PyObject* self, PyObject*) {
  return PyLong_FromLong(
      static_cast<long>(object_of(self)->board->stop_level()));
}

PyObject* stop_after_failure(PyObject* self, PyObject*) {
  metrics::Board& board = *object_of(self)->board;
  board.shared().stopped_by_failure = 1;
  board.request_stop(metrics::StopLevel::graceful);
  Py_RETURN_NONE;
}

PyObject* count_failure(PyObject* self, PyObject* key) {
  if (!PyUnicode_Check(key)) return PyErr_BadArgument(), nullptr;
  const std::string_view text = utf8_of(key);
  if (PyErr_Occurred()) return nullptr;
  const uint64_t hash = std::hash<std::string_view>()(text) | 1;
  return PyLong_FromUnsignedLongLong(
      object_of(self)->board->count_failure(hash, text));
}

PyObject* add(PyObject* self, PyObject* args) {
  const char* name;
  unsigned long long more = 1;
  if (!PyArg_ParseTuple(args, "s|K:add", &name, &more)) return nullptr;
  metrics::ProcessPart& part = part_of(self);
  const std::pair<std::string_view, metrics::Count*> counters[] = {
      {"setups_failed", &part.setups_failed},
      {"session_setups_failed", &part.session_setups_failed},
      {"teardowns_failed", &part.teardowns_failed},
  };
  for (const auto& [counter, count] : counters) {
    if (counter != name) continue;
    count->add(more);
    Py_RETURN_NONE;
  }
  return PyErr_Format(PyExc_ValueError, "no counter '%s'", name);
}

PyObject* set_script_exit(PyObject* self, PyObject* code) {
  const long value = PyLong_AsLong(code);
  if (PyErr_Occurred()) return nullptr;
  object_of(self)->board->shared().script_exit =
      1 + (static_cast<uint32_t>(value) & 0xff);
  Py_RETURN_NONE;
}

PyObject* script_exit(PyObject* self, PyObject*) {
  const uint32_t code = object_of(self)->board->shared().script_exit;
  if (code == 0) Py_RETURN_NONE;
  return PyLong_FromUnsignedLong(code - 1);
}

PyObject* totals(PyObject* self, PyObject*) {
  const metrics::Totals all = metrics::totals(*object_of(self)->board);
  return Py_BuildValue("{s:K,s:K,s:K,s:K,s:K,s:K,s:K,s:K}",                 //
                       "workers_started", all.workers_started,              //
                       "workers_running", all.workers_running,              //
                       "runs_succeeded", all.runs_succeeded,                //
                       "runs_failed", all.runs_failed,                      //
                       "runs_cancelled", all.runs_cancelled,                //
                       "setups_failed", all.setups_failed,                  //
                       "session_setups_failed", all.session_setups_failed,  //
                       "workers_died", all.workers_died);
}

// too_many_failed(allowed, on_any)
PyObject* too_many_failed(PyObject* self, PyObject* args) {
  PyObject* allowed;
  int on_any;
  if (!PyArg_ParseTuple(args, "Op:too_many_failed", &allowed, &on_any))
    return nullptr;
  std::optional<int64_t> most;
  if (allowed != Py_None) {
    most = PyLong_AsLongLong(allowed);
    if (PyErr_Occurred()) return nullptr;
  }
  const metrics::Totals all = metrics::totals(*object_of(self)->board);
  return PyBool_FromLong(
      metrics::too_many_failed(all.runs_failed, most, on_any));
}

PyObject* report_exit(PyObject* self, PyObject* args) {
  Py_ssize_t index;
  int wait_status;
  if (!PyArg_ParseTuple(args, "ni:report_exit", &index, &wait_status) ||
      !check_index(self, index))
    return nullptr;
  metrics::ProcessPart& part =
      object_of(self)->board->part(static_cast<size_t>(index));
  part.wait_status.set(static_cast<uint64_t>(wait_status));
  part.exited.set(1);
  Py_RETURN_NONE;
}

PyObject* processes(PyObject* self, void*) {
  return PyLong_FromSize_t(object_of(self)->board->processes());
}

PyMethodDef methods[] = {
    {"create", create, METH_O | METH_CLASS, "A new board."},
    {"attach", attach, METH_O, nullptr},
    {"set_phase", set_phase, METH_O, nullptr},
    {"request_stop", request_stop, METH_O, nullptr},
    {"stop_level", stop_level, METH_NOARGS, nullptr},
    {"stop_after_failure", stop_after_failure, METH_NOARGS, nullptr},
    {"count_failure", count_failure, METH_O, nullptr},
    {"add", add, METH_VARARGS, nullptr},
    {"set_script_exit", set_script_exit, METH_O, nullptr},
    {"script_exit", script_exit, METH_NOARGS, nullptr},
    {"report_exit", report_exit, METH_VARARGS, nullptr},
    {"totals", totals, METH_NOARGS, nullptr},
    {"too_many_failed", too_many_failed, METH_VARARGS, nullptr},
    {nullptr, nullptr, 0, nullptr}};

PyObject* workers_running(PyObject* self, void*) {
  return PyLong_FromUnsignedLongLong(
      metrics::totals(*object_of(self)->board).workers_running);
}

PyGetSetDef attributes[] = {
    {"processes", processes, nullptr, nullptr, nullptr},
    {"workers_running", workers_running, nullptr, nullptr, nullptr},
    {nullptr, nullptr, nullptr, nullptr, nullptr}};

PyType_Slot slots[] = {
    {Py_tp_doc, const_cast<char*>("The shared memory of a run's figures.")},
    {Py_tp_new, reinterpret_cast<void*>(make)},
    {Py_tp_dealloc, reinterpret_cast<void*>(dealloc)},
    {Py_tp_methods, methods},
    {Py_tp_getset, attributes},
    {0, nullptr}};

PyType_Spec spec = {"molotov._engine.Board", sizeof(BoardObject), 0,
                    Py_TPFLAGS_DEFAULT, slots};

}  // namespace

metrics::Board* board_of(PyObject* object, size_t* attached_index) {
  if (!PyObject_TypeCheck(object, board_type)) {
    PyErr_Format(PyExc_TypeError, "a Board is needed, not %R", object);
    return nullptr;
  }
  *attached_index = object_of(object)->index;
  return object_of(object)->board;
}

bool add_board_type(PyObject* module) {
  board_type = add_type(module, spec);
  return board_type != nullptr;
}

}  // namespace molotov::python
