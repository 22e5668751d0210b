#include "python/worker.h"

#include "base/check.h"
#include "python/awaitable.h"
#include "python/engine.h"
#include "python/session_object.h"
#include "python/task_object.h"
#include "python/waiter.h"

namespace molotov::python {

std::unique_ptr<WorkerTask> WorkerTask::create(Engine& engine,
                                               PythonProgram& program,
                                               int worker_id,
                                               load::WorkerEvents& events) {
  std::unique_ptr<WorkerTask> task(
      new WorkerTask(engine, program, worker_id, events));
  task->object_ = Ref::steal(make_task_object(*task));
  task->context_ = Ref::steal(PyContext_CopyCurrent());
  task->code_ = Ref::steal(
      PyObject_CallMethod(program.object(), "make_worker", "i", worker_id));
  const bool worker_was_made = task->object_ && task->context_ && task->code_;
  if (!worker_was_made) PyErr_Print();
  CHECK(worker_was_made);
  const Ref registered = Ref::steal(PyObject_CallOneArg(
      engine.imports().register_task.get(), task->object_.get()));
  if (!registered) PyErr_WriteUnraisable(task->object_.get());
  return task;
}

WorkerTask::WorkerTask(Engine& engine, PythonProgram& program, int worker_id,
                       load::WorkerEvents& events)
    : engine_(engine),
      program_(program),
      events_(events),
      worker_id_(worker_id),
      sessions_(program.session_kinds()) {}

WorkerTask::~WorkerTask() {
  unlink();
  leave_waiter();
  for (const Ref& session : sessions_)
    if (Session* native = native_session(session.get())) native->late = nullptr;
  const Ref gone = Ref::steal(PyObject_CallOneArg(
      engine_.imports().unregister_task.get(), object_.get()));
  if (!gone) PyErr_WriteUnraisable(object_.get());
  detach_task_object(object_.get());
  engine_.note_user_code();  // its callbacks are asyncio's to run
}

void WorkerTask::begin_setup() {
  call_code(Doing::setup, engine_.names().setup.get());
}

void WorkerTask::begin_teardown() {
  must_cancel_ = cut_off_ = false;
  call_code(Doing::teardown, engine_.names().teardown.get());
}

inline Ref& WorkerTask::session() {
  return sessions_[program_.session_kind(scenario_)];
}

void WorkerTask::begin_run(size_t scenario, int64_t step,
                           std::optional<Instant> intended) {
  scenario_ = scenario;
  step_ = step;
  intended_ = intended;
  suspended_ = false;
  if (session()) return run_scenario();
  const Ref index = Ref::steal(PyLong_FromSize_t(scenario));
  start_coroutine(
      Doing::opening,
      Ref::steal(PyObject_CallMethodOneArg(
          code_.get(), engine_.names().open_session.get(), index.get())));
}

void WorkerTask::keep_session(Ref opened) {
  if (Session* native = native_session(opened.get())) native->late = &late_;
  session() = std::move(opened);
}

void WorkerTask::run_scenario() {
  if (intended_) late_ = engine_.loop().now() - *intended_;
  PyObject* arguments[] = {nullptr, session().get()};
  start_coroutine(Doing::running,
                  Ref::steal(PyObject_Vectorcall(
                      program_.function(scenario_), arguments + 1,
                      1 | PY_VECTORCALL_ARGUMENTS_OFFSET, nullptr)));
}

void WorkerTask::call_code(Doing doing, PyObject* name) {
  start_coroutine(doing,
                  Ref::steal(PyObject_CallMethodNoArgs(code_.get(), name)));
}

void WorkerTask::start_coroutine(Doing doing, Ref coroutine) {
  doing_ = doing;
  engine_.note_user_code();
  if (!coroutine) return on_raise(take_raised());
  coroutine_ = std::move(coroutine);
  take_step();
}

void WorkerTask::cancel() {
  cut_off_ = true;
  engine_.note_user_code();  // a future's callbacks are asyncio's to run
  request_cancel(nullptr);
}

void WorkerTask::wake() {
  engine_.loop().post(*this);
}

void WorkerTask::park_on(PyObject* awaitable, Waiter& waiter) {
  if (waiter_ != &waiter) leave_waiter();
  parked_on_ = awaitable;
  waiter_ = &waiter;
}

// An awaitable that a script sends to by hand parks the worker, which then
// waits for something else, or ends: it is not to be woken by the first.
void WorkerTask::leave_waiter() {
  if (waiter_) waiter_->forget();
}

// The worker's contextvars context, entered for a step and what follows from
// it: the next run's first step, mostly. Where it cannot be entered, since
// another thread is in it, a Python error is set, and the step fails by it.
class WorkerTask::InContext {
 public:
  explicit InContext(WorkerTask& task) : task_(task) {
    if (task.in_context_) return;
    entered_ = PyContext_Enter(task.context_.get()) == 0;
    task.in_context_ = entered_;
  }
  InContext(const InContext&) = delete;
  ~InContext() {
    if (!entered_) return;
    task_.in_context_ = false;
    if (PyContext_Exit(task_.context_.get()) < 0)
      PyErr_WriteUnraisable(nullptr);
  }

 private:
  WorkerTask& task_;
  bool entered_ = false;
};

// One step of the coroutine, from where it waits to where it waits next.
void WorkerTask::take_step() {
  if (!coroutine_) return;
  const InContext context(*this);
  future_.reset();
  PyObject* result = nullptr;
  switch (engine_.debugging() ? resume_timed(&result) : resume(&result)) {
    case PYGEN_NEXT:
      return on_yield(Ref::steal(result));
    case PYGEN_RETURN:
      coroutine_.reset();
      return on_return(Ref::steal(result));
    case PYGEN_ERROR:
      coroutine_.reset();
      return on_raise(take_raised());
  }
}

PySendResult WorkerTask::resume(PyObject** result) {
  if (!in_context_ || !engine_.enter_task(object_.get())) return PYGEN_ERROR;
  engine_.set_current_worker(this);
  engine_.note_user_code();

  if (must_cancel_) throw_next_ = make_cancelled_error();
  const Ref exception = std::move(throw_next_);
  const PySendResult sent =
      exception ? throw_into(coroutine_.get(), exception, result)
                : PyIter_Send(coroutine_.get(), Py_None, result);

  engine_.set_current_worker(nullptr);
  return sent;
}

// As asyncio does in its debug mode: names the steps that block the others.
PySendResult WorkerTask::resume_timed(PyObject** result) {
  const Ref coroutine = Ref::borrow(coroutine_.get());
  const Instant begun = MonotonicClock::now();
  const PySendResult sent = resume(result);
  const std::chrono::duration<double> took = MonotonicClock::now() - begun;
  Ref raised = sent == PYGEN_ERROR ? take_raised() : Ref();
  const Ref told = Ref::steal(PyObject_CallFunction(
      engine_.imports().tell_slow_step.get(), "OOd", engine_.asyncio_loop(),
      coroutine.get(), took.count()));
  if (!told) PyErr_WriteUnraisable(object_.get());
  if (raised) raise(std::move(raised));
  return sent;
}

void WorkerTask::on_yield(Ref yielded) {
  suspended_ = true;
  if (yielded.get() == parked_on_) {
    if (must_cancel_) wake();
    return;
  }
  leave_waiter();
  if (yielded.get() == Py_None) return wake();  // asyncio.sleep(0)
  if (wait_for_future(yielded.get())) return;
  // Raised where it yielded, as asyncio does: it may be caught there.
  PyErr_Format(PyExc_RuntimeError, "Task got bad yield: %R", yielded.get());
  throw_next_ = take_raised();
  wake();
}

Ref WorkerTask::make_cancelled_error() {
  must_cancel_ = false;
  PyObject* const type = engine_.imports().cancelled_error.get();
  const Ref message = std::move(cancel_message_);
  return Ref::steal(message ? PyObject_CallOneArg(type, message.get())
                            : PyObject_CallNoArgs(type));
}

// False when `future` is none that one can wait for.
bool WorkerTask::wait_for_future(PyObject* future) {
  const Names& names = engine_.names();
  const Ref blocking =
      Ref::steal(PyObject_GetAttr(future, names.future_blocking.get()));
  if (!blocking || blocking.get() != Py_True) {
    PyErr_Clear();
    return false;
  }
  PyObject_SetAttr(future, names.future_blocking.get(), Py_False);
  const Ref wakeup =
      Ref::steal(PyObject_GetAttrString(object_.get(), "_wakeup"));
  PyObject* arguments[] = {future, wakeup.get(), context_.get()};
  const Ref keywords = Ref::steal(PyTuple_Pack(1, names.context.get()));
  const Ref added =
      Ref::steal(wakeup && keywords
                     ? PyObject_VectorcallMethod(names.add_done_callback.get(),
                                                 arguments, 2, keywords.get())
                     : nullptr);
  if (!added) {
    PyErr_WriteUnraisable(future);
    return false;
  }
  future_ = Ref::borrow(future);
  if (must_cancel_) {
    const Ref cancelled = cancel_future(future, cancel_message_.get());
    if (!cancelled)
      PyErr_Clear();
    else if (PyObject_IsTrue(cancelled.get()))
      must_cancel_ = false;
  }
  return true;
}

// future.cancel(msg=message): asyncio's frameworks know theirs by the message.
Ref WorkerTask::cancel_future(PyObject* future, PyObject* message) {
  const Names& names = engine_.names();
  PyObject* arguments[] = {future, message ? message : Py_None};
  return Ref::steal(PyObject_VectorcallMethod(names.cancel.get(), arguments, 1,
                                              names.msg_keyword.get()));
}

bool WorkerTask::request_cancel(PyObject* message) {
  if (!coroutine_) return false;
  cancels_requested_++;
  cancel_message_ = Ref::borrow(message);
  if (future_) {
    const Ref cancelled = cancel_future(future_.get(), message);
    if (!cancelled) {
      PyErr_Clear();
    } else if (PyObject_IsTrue(cancelled.get())) {
      return true;
    }
  }
  must_cancel_ = true;
  // In its own step it is cancelled at its next await.
  if (engine_.current_worker() != this && !future_) wake();
  return true;
}

int WorkerTask::uncancel() {
  if (cancels_requested_ == 0) return 0;
  cancels_requested_--;
  if (cancels_requested_ == 0) must_cancel_ = false;
  return cancels_requested_;
}

void WorkerTask::on_return(Ref result) {
  leave_waiter();
  switch (doing_) {
    case Doing::running:
      return finish_run(load::RunOutcome::succeeded);
    case Doing::opening:
      if (result.get() == Py_None) return finish_run(load::RunOutcome::not_run);
      keep_session(std::move(result));
      return run_scenario();
    default:
      return finish(PyObject_IsTrue(result.get()) == 1);
  }
}

load::RunOutcome WorkerTask::outcome_of(PyObject* exception) {
  if (cut_off_) return load::RunOutcome::cancelled;
  if (PyObject_IsInstance(exception, PyExc_Exception) == 1)
    return load::RunOutcome::failed;
  return load::RunOutcome::died;
}

void WorkerTask::on_raise(Ref exception) {
  leave_waiter();
  const Names& names = engine_.names();
  PyObject* const raised = exception.get();
  const bool ends_process =
      PyErr_GivenExceptionMatches(raised, PyExc_SystemExit) ||
      PyErr_GivenExceptionMatches(raised, PyExc_KeyboardInterrupt);
  const load::RunOutcome outcome =
      ends_process ? load::RunOutcome::died : outcome_of(raised);
  const bool fixture = doing_ == Doing::setup || doing_ == Doing::teardown;
  if (ends_process) {
    engine_.set_pending_exception(std::move(exception));
  } else if (outcome == load::RunOutcome::failed && !fixture) {
    tell(names.on_failure.get(), raised, true);
  } else if (outcome != load::RunOutcome::cancelled) {
    tell(names.on_death.get(), raised, false);
  }
  if (fixture) return finish(false);
  finish_run(outcome);
}

void WorkerTask::tell(PyObject* method, PyObject* exception,
                      bool with_scenario) {
  PyObject* index = nullptr;
  Ref scenario;
  if (with_scenario) {
    scenario = Ref::steal(PyLong_FromSize_t(scenario_));
    index = scenario.get();
  }
  const Ref told = Ref::steal(
      index ? PyObject_CallMethodObjArgs(code_.get(), method, index, exception,
                                         nullptr)
            : PyObject_CallMethodOneArg(code_.get(), method, exception));
  if (!told) PyErr_WriteUnraisable(code_.get());
}

void WorkerTask::finish_run(load::RunOutcome outcome) {
  doing_ = Doing::nothing;
  cancels_requested_ = 0;
  must_cancel_ = cut_off_ = false;
  late_ = Duration(0);
  events_.on_run_done(outcome, suspended_);
}

void WorkerTask::finish(bool ok) {
  const Doing done = std::exchange(doing_, Doing::nothing);
  cancels_requested_ = 0;
  must_cancel_ = cut_off_ = false;
  if (done == Doing::setup)
    events_.on_setup_done(ok);
  else
    events_.on_teardown_done(ok);
}

int WorkerTask::traverse(visitproc visit, void* arg) {
  Py_VISIT(code_.get());
  Py_VISIT(context_.get());
  for (const Ref& session : sessions_) Py_VISIT(session.get());
  Py_VISIT(coroutine_.get());
  Py_VISIT(future_.get());
  return 0;
}

}  // namespace molotov::python
