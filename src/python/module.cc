// molotov._engine.
#include "metrics/board.h"
#include "python/announced_run.h"
#include "python/async_with.h"
#include "python/board_object.h"
#include "python/body_writer.h"
#include "python/client_request.h"
#include "python/connector_object.h"
#include "python/cookie_jar_object.h"
#include "python/engine.h"
#include "python/event_sender.h"
#include "python/load_model.h"
#include "python/measures.h"
#include "python/monitor_object.h"
#include "python/observed_request.h"
#include "python/request.h"
#include "python/response.h"
#include "python/session_object.h"
#include "python/sizing_object.h"
#include "python/ssl_client.h"
#include "python/targets.h"
#include "python/task_object.h"
#include "python/websocket_object.h"

namespace molotov::python {

PyObject* start_run(PyObject* self, PyObject* args, PyObject* keywords);

PyTypeObject* add_type(PyObject* module, PyType_Spec& spec) {
  PyObject* type = PyType_FromModuleAndSpec(module, &spec, nullptr);
  if (!type) return nullptr;
  auto* made = reinterpret_cast<PyTypeObject*>(type);
  // The module keeps it; the static pointers of each type's file borrow it.
  const int added = PyModule_AddType(module, made);
  Py_DECREF(type);
  return added < 0 ? nullptr : made;
}

namespace {

PyMethodDef functions[] = {
    {"parse_rate", parse_rate_text, METH_O, nullptr},
    {"parse_stages", parse_stages_text, METH_O, nullptr},
    {"run", as_method(start_run), METH_VARARGS | METH_KEYWORDS,
     "Starts the load of this process."},
    {nullptr, nullptr, 0, nullptr}};

int fill(PyObject* module) {
  const bool added =
      add_async_with_type(module) && add_board_type(module) &&
      add_engine_type(module) && add_telling_type(module) &&
      add_announced_types(module) && add_event_sender_type(module) &&
      add_task_type(module) && add_session_type(module) &&
      add_target_type(module) && add_client_request_type(module) &&
      add_observed_request_type(module) && add_request_type(module) &&
      add_response_types(module) && add_sizing_type(module) &&
      add_body_writer_types(module) && add_websocket_type(module) &&
      add_cookie_jar_type(module) && add_connector_type(module) &&
      add_ssl_client_type(module) && add_monitor_type(module) &&
      add_measuring_functions(module) &&
      PyModule_AddIntConstant(module, "FAILURES_SHOWN",
                              static_cast<long>(metrics::kFailuresShown)) == 0;
  return added ? 0 : -1;
}

PyModuleDef_Slot module_slots[] = {{Py_mod_exec, reinterpret_cast<void*>(fill)},
                                   {0, nullptr}};

PyModuleDef definition = {PyModuleDef_HEAD_INIT,
                          "_engine",
                          "The native engine; `molotov` is its face.",
                          0,
                          functions,
                          module_slots,
                          nullptr,
                          nullptr,
                          nullptr};

}  // namespace

}  // namespace molotov::python

// The name that CPython looks for.
PyMODINIT_FUNC PyInit__engine() {  // NOLINT(bugprone-reserved-identifier)
  return PyModuleDef_Init(&molotov::python::definition);
}
