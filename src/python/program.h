// A user's script, as `load` knows it.
#pragma once

#include <memory>
#include <vector>

#include "load/scenario.h"
#include "python/ref.h"

namespace molotov::python {

class Engine;

class PythonProgram final : public load::Program, public load::Console {
 public:
  // `program` is molotov's Program object (_engine.pyi). Returns nullptr with a
  // Python error set.
  static std::unique_ptr<PythonProgram> create(Engine& engine,
                                               PyObject* program);

  const std::vector<load::ScenarioInfo>& scenarios() const override {
    return scenarios_;
  }
  std::unique_ptr<load::WorkerCode> make_worker(
      int worker_id, load::WorkerEvents& events) override;
  double random() override;
  bool has_picker() const override { return picker_.get() != Py_None; }
  size_t pick(int worker_id, int64_t step) override;
  void print(std::string_view line) override;

  // The scenario's function, borrowed.
  PyObject* function(size_t scenario) const {
    return functions_[scenario].get();
  }
  // The kind of session that it runs with, below session_kinds().
  size_t session_kind(size_t scenario) const {
    return session_kind_of_[scenario];
  }
  size_t session_kinds() const { return session_kinds_; }
  PyObject* object() const { return program_.get(); }
  int traverse(visitproc visit, void* arg);

 private:
  explicit PythonProgram(Engine& engine) : engine_(engine) {}
  bool load(PyObject* program);

  Engine& engine_;
  Ref program_;
  Ref picker_;
  Ref random_;  // random.random
  std::vector<Ref> functions_;
  std::vector<size_t> session_kind_of_;
  size_t session_kinds_ = 0;
  std::vector<load::ScenarioInfo> scenarios_;
};

}  // namespace molotov::python
