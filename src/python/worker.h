// A worker's Python code, stepped by the engine itself: no asyncio.Task, no
// Handle and no Future between an answer's last byte and the coroutine's next
// line. To everything in Python it is the current task, with the Task protocol.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "io/loop.h"
#include "load/scenario.h"
#include "python/ref.h"

namespace molotov::python {

class Engine;
class PythonProgram;
class Waiter;

class WorkerTask final : public load::WorkerCode, public io::Work {
 public:
  // Never fails quietly: without memory for it the process ends.
  static std::unique_ptr<WorkerTask> create(Engine& engine,
                                            PythonProgram& program,
                                            int worker_id,
                                            load::WorkerEvents& events);
  ~WorkerTask() override;

  void begin_setup() override;
  void begin_run(size_t scenario, int64_t step,
                 std::optional<Instant> intended) override;
  void begin_teardown() override;
  void cancel() override;

  // Takes the next step in this turn or the next: what it waited for came.
  void wake();
  // Called by an awaitable of ours in a step: this is what I wait for. It is
  // what the coroutine yields, so that the step knows it.
  void park_on(PyObject* awaitable, Waiter& waiter);
  // Nothing of ours is waited for any more.
  void unpark() {
    parked_on_ = nullptr;
    waiter_ = nullptr;
  }

  // The Task protocol (PyTask's methods).
  bool request_cancel(PyObject* message);
  int uncancel();
  int cancelling() const { return cancels_requested_; }
  bool must_cancel() const { return must_cancel_; }
  PyObject* object() const { return object_.get(); }
  PyObject* coroutine() const { return coroutine_.get(); }
  PyObject* future_waited_for() const { return future_.get(); }
  PyObject* context() const { return context_.get(); }
  Engine& engine() { return engine_; }
  int worker_id() const { return worker_id_; }
  // The run under way, or else the last one, from 1; 0: there is none, or a
  // session is being opened.
  int64_t step() const { return doing_ == Doing::opening ? 0 : step_; }
  // How late its run began, for the first request of that: 0 after it was
  // taken. May be just below 0, since it is of the loop's clock.
  Duration& late() { return late_; }

  int traverse(visitproc visit, void* arg);

 private:
  // What the current coroutine is.
  enum class Doing : uint8_t { nothing, setup, opening, running, teardown };

  WorkerTask(Engine& engine, PythonProgram& program, int worker_id,
             load::WorkerEvents& events);
  void on_turn() override { take_step(); }
  class InContext;
  void call_code(Doing doing, PyObject* name);
  // Of the kind that the present scenario runs with; empty: not opened yet.
  Ref& session();
  void keep_session(Ref session);
  void run_scenario();
  void start_coroutine(Doing doing, Ref coroutine);
  void take_step();
  PySendResult resume(PyObject** result);
  PySendResult resume_timed(PyObject** result);
  void leave_waiter();
  Ref cancel_future(PyObject* future, PyObject* message);
  void on_yield(Ref yielded);
  bool wait_for_future(PyObject* future);
  Ref make_cancelled_error();
  void on_return(Ref result);
  void on_raise(Ref exception);
  void finish_run(load::RunOutcome outcome);
  void finish(bool ok);
  load::RunOutcome outcome_of(PyObject* exception);
  void tell(PyObject* method, PyObject* exception, bool with_scenario);

  Engine& engine_;
  PythonProgram& program_;
  load::WorkerEvents& events_;
  const int worker_id_;
  Ref object_;                 // PyTask
  Ref code_;                   // molotov's WorkerCode
  Ref context_;                // contextvars.Context of all its coroutines
  std::vector<Ref> sessions_;  // by kind; what open_session() gave
  Ref coroutine_;
  Ref future_;  // of asyncio, waited for
  Ref cancel_message_;
  Ref throw_next_;  // raised in the coroutine at its next step
  // What was parked on last: compared to what is yielded next.
  PyObject* parked_on_ = nullptr;
  Waiter* waiter_ = nullptr;  // of that, until it is there
  size_t scenario_ = 0;
  int64_t step_ = 0;
  std::optional<Instant> intended_;  // of the run, by a schedule
  Duration late_{0};
  int cancels_requested_ = 0;
  Doing doing_ = Doing::nothing;
  bool must_cancel_ = false;
  bool cut_off_ = false;    // cancelled by us, not by the script
  bool suspended_ = false;  // this run has waited at least once
  bool in_context_ = false;
};

}  // namespace molotov::python
