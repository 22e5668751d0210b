#include "python/program.h"

#include <algorithm>

#include "python/engine.h"
#include "python/worker.h"

namespace molotov::python {

std::unique_ptr<PythonProgram> PythonProgram::create(Engine& engine,
                                                     PyObject* program) {
  std::unique_ptr<PythonProgram> made(new PythonProgram(engine));
  if (!made->load(program)) return nullptr;
  return made;
}

bool PythonProgram::load(PyObject* program) {
  program_ = Ref::borrow(program);
  picker_ = Ref::steal(PyObject_GetAttrString(program, "picker"));
  const Ref random = Ref::steal(PyImport_ImportModule("random"));
  if (!picker_ || !random) return false;
  random_ = Ref::steal(PyObject_GetAttrString(random.get(), "random"));
  const Ref records = Ref::steal(PyObject_GetAttrString(program, "scenarios"));
  if (!random_ || !records) return false;
  const Py_ssize_t count = PySequence_Size(records.get());
  for (Py_ssize_t i = 0; i < count; i++) {
    const Ref record = Ref::steal(PySequence_GetItem(records.get(), i));
    if (!record) return false;
    const Ref name = Ref::steal(PyObject_GetAttrString(record.get(), "name"));
    const Ref weight =
        Ref::steal(PyObject_GetAttrString(record.get(), "weight"));
    const Ref delay = Ref::steal(PyObject_GetAttrString(record.get(), "delay"));
    Ref function = Ref::steal(PyObject_GetAttrString(record.get(), "func"));
    const Ref kind =
        Ref::steal(PyObject_GetAttrString(record.get(), "session_kind"));
    if (!name || !weight || !delay || !function || !kind) return false;
    scenarios_.push_back(
        {.name = std::string(utf8_of(name.get())),
         .weight = PyFloat_AsDouble(weight.get()),
         .delay = seconds_to_duration(PyFloat_AsDouble(delay.get()))});
    functions_.push_back(std::move(function));
    session_kind_of_.push_back(PyLong_AsSize_t(kind.get()));
    if (PyErr_Occurred()) return false;
    session_kinds_ = std::max(session_kinds_, session_kind_of_.back() + 1);
  }
  return count >= 0;
}

std::unique_ptr<load::WorkerCode> PythonProgram::make_worker(
    int worker_id, load::WorkerEvents& events) {
  return WorkerTask::create(engine_, *this, worker_id, events);
}

double PythonProgram::random() {
  const Ref drawn = Ref::steal(PyObject_CallNoArgs(random_.get()));
  if (drawn) return PyFloat_AsDouble(drawn.get());
  PyErr_WriteUnraisable(random_.get());
  return 0;
}

size_t PythonProgram::pick(int worker_id, int64_t step) {
  const Ref picked = Ref::steal(PyObject_CallFunction(
      picker_.get(), "iL", worker_id, static_cast<long long>(step)));
  engine_.note_user_code();
  if (!picked && (PyErr_ExceptionMatches(PyExc_SystemExit) ||
                  PyErr_ExceptionMatches(PyExc_KeyboardInterrupt))) {
    engine_.set_pending_exception(take_raised());
    return load::kPickerFailed;
  }
  const long index = picked ? PyLong_AsLong(picked.get()) : -2;
  if (PyErr_Occurred()) PyErr_WriteUnraisable(picker_.get());
  if (index >= 0) return static_cast<size_t>(index);
  return index == -1 ? load::kNoScenario : load::kPickerFailed;
}

void PythonProgram::print(std::string_view line) {
  const Ref text = str_of(line);
  const Ref done = Ref::steal(
      text ? PyObject_CallMethodOneArg(program_.get(),
                                       engine_.names().print.get(), text.get())
           : nullptr);
  if (!done) PyErr_WriteUnraisable(program_.get());
}

int PythonProgram::traverse(visitproc visit, void* arg) {
  Py_VISIT(program_.get());
  Py_VISIT(picker_.get());
  for (const Ref& function : functions_) Py_VISIT(function.get());
  return 0;
}

}  // namespace molotov::python
