#include "python/announced_run.h"

#include <cstddef>

#include "python/awaitable.h"
#include "python/engine.h"
#include "python/event_sender.h"
#include "python/spares.h"
#include "python/worker.h"

namespace molotov::python {

namespace {

// AnnouncedScenario(engine, func, record, events)
struct ScenarioObject {
  PyObject_HEAD vectorcallfunc call;
  PyObject* engine_object;
  PyObject* function;
  PyObject* record;  // what listeners are given of it
  PyObject* sender;
};

// What is under way.
enum class Stage : uint8_t { created, starting, running, succeeding, failing };

struct RunObject {
  PyObject_HEAD PyObject* scenario;
  PyObject* session;
  PyObject* worker_id;   // an int, once it is created no more
  PyObject* waited_for;  // the scenario's coroutine, or listeners
  PyObject* failure;     // what the scenario raised
  Stage stage;
};

PyTypeObject *scenario_type = nullptr, *run_type = nullptr;
Spares<RunObject> spares;

// Events, and the names of what comes with them.
PyObject *scenario_start, *scenario_success, *scenario_failure;
PyObject *of_run, *of_failure;

RunObject* object_of(PyObject* self) {
  return reinterpret_cast<RunObject*>(self);
}

ScenarioObject* scenario_of(PyObject* object) {
  return reinterpret_cast<ScenarioObject*>(object);
}

// An exception as the one that is handled (sys.exc_info()), as in an `except`.
class Handled {
 public:
  explicit Handled(PyObject* exception) {
    if (!exception) return;
    before_ = Ref::steal(PyErr_GetHandledException());
    PyErr_SetHandledException(exception);
    set_ = true;
  }
  Handled(const Handled&) = delete;
  ~Handled() {
    if (set_) PyErr_SetHandledException(before_.get());
  }

 private:
  Ref before_;
  bool set_ = false;
};

PySendResult tell_listeners(RunObject* run, PyObject* const* arguments,
                            PyObject* keywords, PyObject** result) {
  const Handled handled(run->failure);
  Ref telling;
  const PySendResult sent = tell(scenario_of(run->scenario)->sender, arguments,
                                 keywords, telling, result);
  run->waited_for = telling.release();
  return sent;
}

PySendResult announce(RunObject* run, Stage stage, PyObject* event,
                      PyObject** result) {
  run->stage = stage;
  PyObject* const record = scenario_of(run->scenario)->record;
  PyObject* arguments[] = {event, record, run->worker_id};
  return tell_listeners(run, arguments, of_run, result);
}

PySendResult announce_failure(RunObject* run, PyObject** result) {
  run->stage = Stage::failing;
  run->failure = take_raised().release();
  PyObject* const record = scenario_of(run->scenario)->record;
  PyObject* arguments[] = {scenario_failure, run->failure, record,
                           run->worker_id};
  return tell_listeners(run, arguments, of_failure, result);
}

PySendResult begin(RunObject* run, PyObject** result) {
  Engine* engine = engine_of(scenario_of(run->scenario)->engine_object);
  const WorkerTask* worker = engine ? engine->current_worker() : nullptr;
  if (!worker) {
    PyErr_SetString(PyExc_RuntimeError, "a run takes its steps in a worker");
    return PYGEN_ERROR;
  }
  run->worker_id = PyLong_FromLong(worker->worker_id());
  if (!run->worker_id) return PYGEN_ERROR;
  return announce(run, Stage::starting, scenario_start, result);
}

PySendResult begin_scenario(RunObject* run, PyObject** result) {
  run->stage = Stage::running;
  Ref answer = Ref::steal(
      PyObject_CallOneArg(scenario_of(run->scenario)->function, run->session));
  if (!answer) return PYGEN_ERROR;
  const Ref coroutine = await_iterator(std::move(answer));
  if (!coroutine) return PYGEN_ERROR;
  run->waited_for = coroutine.new_ref();
  return PyIter_Send(coroutine.get(), Py_None, result);
}

// Goes on from how the step of what was under way has ended.
PySendResult go_on(RunObject* run, PySendResult sent, PyObject** result) {
  while (sent != PYGEN_NEXT) {
    Py_CLEAR(run->waited_for);
    Py_CLEAR(*result);
    const bool well = sent == PYGEN_RETURN;
    if (run->stage == Stage::starting && well) {
      sent = begin_scenario(run, result);
    } else if (run->stage == Stage::running && well) {
      sent = announce(run, Stage::succeeding, scenario_success, result);
    } else if (run->stage == Stage::running &&
               PyErr_ExceptionMatches(PyExc_Exception)) {
      sent = announce_failure(run, result);
    } else if (run->stage == Stage::failing && well) {
      raise(Ref::steal(std::exchange(run->failure, nullptr)));
      return PYGEN_ERROR;
    } else {
      if (well) *result = Py_NewRef(Py_None);
      return sent;
    }
  }
  return sent;
}

PySendResult send(PyObject* self, PyObject* value, PyObject** result) {
  RunObject* run = object_of(self);
  *result = nullptr;
  if (run->stage == Stage::created)
    return go_on(run, begin(run, result), result);
  const Ref waited_for = Ref::borrow(run->waited_for);
  if (!waited_for) {
    PyErr_SetString(PyExc_RuntimeError, "cannot reuse already awaited run");
    return PYGEN_ERROR;
  }
  PySendResult sent;
  {
    const Handled handled(run->failure);
    sent = PyIter_Send(waited_for.get(), value, result);
  }
  return go_on(run, sent, result);
}

void abandon(PyObject*) {}

using Methods = Awaitable<send, abandon>;

PyObject* throw_method(PyObject* self, PyObject* thrown) {
  RunObject* run = object_of(self);
  const Ref waited_for = Ref::borrow(run->waited_for);
  if (!waited_for) return Methods::throw_(self, thrown);
  PyObject* result = nullptr;
  PySendResult sent;
  {
    const Handled handled(run->failure);
    sent = throw_into(waited_for.get(), thrown, &result);
  }
  return result_of_send(go_on(run, sent, &result), result);
}

PyObject* close(PyObject* self, PyObject*) {
  const Ref waited_for =
      Ref::steal(std::exchange(object_of(self)->waited_for, nullptr));
  if (waited_for && !close_iterator(waited_for.get())) return nullptr;
  Py_RETURN_NONE;
}

// What asyncio's debug mode asks a coroutine for, to name it and its line.
PyObject* of_function(PyObject* self, void* name) {
  return PyObject_GetAttrString(
      scenario_of(object_of(self)->scenario)->function,
      static_cast<const char*>(name));
}

PyObject* frame(PyObject* self, void*) {
  PyObject* const waited_for = object_of(self)->waited_for;
  if (!waited_for) Py_RETURN_NONE;
  return PyObject_GetAttrString(waited_for, "cr_frame");
}

void* name(const char* text) {
  return const_cast<char*>(text);
}

int traverse(PyObject* self, visitproc visit, void* arg) {
  const RunObject* run = object_of(self);
  Py_VISIT(Py_TYPE(self));
  Py_VISIT(run->scenario);
  Py_VISIT(run->session);
  Py_VISIT(run->waited_for);
  Py_VISIT(run->failure);
  return 0;
}

void dealloc(PyObject* self) {
  PyObject_GC_UnTrack(self);
  RunObject* run = object_of(self);
  Py_CLEAR(run->waited_for);
  Py_CLEAR(run->failure);
  Py_CLEAR(run->worker_id);
  Py_CLEAR(run->session);
  Py_CLEAR(run->scenario);
  spares.give_back(run);
}

PyMethodDef methods[] = {{"send", Methods::send, METH_O, nullptr},
                         {"throw", throw_method, METH_VARARGS, nullptr},
                         {"close", close, METH_NOARGS, nullptr},
                         {nullptr, nullptr, 0, nullptr}};

PyGetSetDef attributes[] = {
    {"__qualname__", of_function, nullptr, nullptr, name("__qualname__")},
    {"cr_code", of_function, nullptr, nullptr, name("__code__")},
    {"cr_frame", frame, nullptr, nullptr, nullptr},
    {nullptr, nullptr, nullptr, nullptr, nullptr}};

PyType_Slot run_slots[] = {
    {Py_tp_doc, const_cast<char*>("A run, told of at its start and end.")},
    {Py_am_await, reinterpret_cast<void*>(Methods::await)},
    {Py_am_send, reinterpret_cast<void*>(send)},
    {Py_tp_iter, reinterpret_cast<void*>(Methods::await)},
    {Py_tp_iternext, reinterpret_cast<void*>(Methods::next)},
    {Py_tp_dealloc, reinterpret_cast<void*>(dealloc)},
    {Py_tp_traverse, reinterpret_cast<void*>(traverse)},
    {Py_tp_methods, methods},
    {Py_tp_getset, attributes},
    {0, nullptr}};

PyType_Spec run_spec = {
    "molotov._engine.AnnouncedRun", sizeof(RunObject), 0,
    Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    run_slots};

// scenario(session)
PyObject* call(PyObject* self, PyObject* const* args, size_t flags,
               PyObject* names) {
  if (PyVectorcall_NARGS(flags) != 1 || names) {
    PyErr_SetString(PyExc_TypeError, "a scenario takes the session alone");
    return nullptr;
  }
  RunObject* run = spares.take(run_type);
  if (!run) return nullptr;
  run->scenario = Py_NewRef(self);
  run->session = Py_NewRef(args[0]);
  run->worker_id = run->waited_for = run->failure = nullptr;
  run->stage = Stage::created;
  PyObject_GC_Track(run);
  return reinterpret_cast<PyObject*>(run);
}

PyObject* make(PyTypeObject* type, PyObject* args, PyObject* keywords) {
  static const char* names[] = {"engine", "func", "record", "events", nullptr};
  PyObject *engine, *function, *record, *sender;
  if (!PyArg_ParseTupleAndKeywords(args, keywords, "OOOO:AnnouncedScenario",
                                   const_cast<char**>(names), &engine,
                                   &function, &record, &sender))
    return nullptr;
  if (!engine_of(engine)) return nullptr;
  if (!is_event_sender(sender)) {
    PyErr_SetString(PyExc_TypeError, "events are sent by an EventSender");
    return nullptr;
  }
  PyObject* self = type->tp_alloc(type, 0);
  if (!self) return nullptr;
  ScenarioObject* scenario = scenario_of(self);
  scenario->call = call;
  scenario->engine_object = Py_NewRef(engine);
  scenario->function = Py_NewRef(function);
  scenario->record = Py_NewRef(record);
  scenario->sender = Py_NewRef(sender);
  return self;
}

int traverse_scenario(PyObject* self, visitproc visit, void* arg) {
  const ScenarioObject* scenario = scenario_of(self);
  Py_VISIT(Py_TYPE(self));
  Py_VISIT(scenario->engine_object);
  Py_VISIT(scenario->function);
  Py_VISIT(scenario->record);
  Py_VISIT(scenario->sender);
  return 0;
}

int clear_scenario(PyObject* self) {
  ScenarioObject* scenario = scenario_of(self);
  Py_CLEAR(scenario->engine_object);
  Py_CLEAR(scenario->function);
  Py_CLEAR(scenario->record);
  Py_CLEAR(scenario->sender);
  return 0;
}

void dealloc_scenario(PyObject* self) {
  PyTypeObject* type = Py_TYPE(self);
  PyObject_GC_UnTrack(self);
  clear_scenario(self);
  type->tp_free(self);
  Py_DECREF(type);
}

// The call lies right behind the head.
PyMemberDef scenario_members[] = {
    {"__vectorcalloffset__", kPySsizeT, sizeof(PyObject), kReadOnly, nullptr},
    {nullptr, 0, 0, 0, nullptr}};

PyType_Slot scenario_slots[] = {
    {Py_tp_doc, const_cast<char*>("A scenario whose runs listeners hear of.")},
    {Py_tp_new, reinterpret_cast<void*>(make)},
    {Py_tp_call, reinterpret_cast<void*>(PyVectorcall_Call)},
    {Py_tp_dealloc, reinterpret_cast<void*>(dealloc_scenario)},
    {Py_tp_traverse, reinterpret_cast<void*>(traverse_scenario)},
    {Py_tp_clear, reinterpret_cast<void*>(clear_scenario)},
    {Py_tp_members, scenario_members},
    {0, nullptr}};

PyType_Spec scenario_spec = {
    "molotov._engine.AnnouncedScenario", sizeof(ScenarioObject), 0,
    Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_HAVE_VECTORCALL,
    scenario_slots};

}  // namespace

bool add_announced_types(PyObject* module) {
  scenario_type = add_type(module, scenario_spec);
  run_type = add_type(module, run_spec);
  scenario_start = PyUnicode_InternFromString("scenario_start");
  scenario_success = PyUnicode_InternFromString("scenario_success");
  scenario_failure = PyUnicode_InternFromString("scenario_failure");
  of_run = keyword_names({"scenario", "wid"});
  of_failure = keyword_names({"exception", "scenario", "wid"});
  return scenario_type && run_type && scenario_start && scenario_success &&
         scenario_failure && of_run && of_failure;
}

}  // namespace molotov::python
