// The engine as a Python process has it: the loop under asyncio's, and what its
// sessions share. One a run and process, made after the fork; or one without a
// run, for a client in a thread of its own or, as a guest, on a loop of
// asyncio's.
#pragma once

#include <memory>
#include <unordered_map>
#include <vector>

#include "http/client.h"
#include "io/epoll_loop.h"
#include "io/guest.h"
#include "load/run.h"
#include "metrics/board.h"
#include "net/resolver.h"
#include "python/kept_errors.h"
#include "python/program.h"
#include "python/ref.h"
#include "python/scenario_metrics.h"
#include "python/targets.h"
#include "session/observers.h"
#include "session/recorder.h"
#include "session/statsd.h"

namespace molotov::python {

class WorkerTask;

// What of Python's own the engine calls, looked up once. The private names of
// asyncio come from molotov/_asyncio_internals.py, which alone knows them.
struct Imports {
  Ref current_tasks;      // {loop: task}, or None:
  Ref swap_current_task;  // (loop, task) -> previous task, to call instead
  Ref current_task;       // (loop) -> task
  Ref tell_slow_step;     // (loop, coroutine, seconds)
  Ref register_task;      // (task)
  Ref unregister_task;    // (task)
  Ref cancelled_error;    // asyncio.CancelledError
  Ref error_from;         // molotov.client.failures.from_error
  Ref prepare_request;    // molotov._request.prepare_request
  Ref make_headers;       // molotov._response.make_headers
  Ref decode_text;        // molotov._response.decode_text
  Ref decode_json;        // molotov._response.decode_json
  bool load();            // false with a Python error set
};

// Names of attributes, interned once.
struct Names {
  Ref future_blocking, add_done_callback, context, cancel, create_future,
      set_result, done, stopping, stop, get_debug, setup, open_session,
      teardown, on_failure, on_death, print;
  Ref msg_keyword;  // ("msg",)
  bool load();
};

class Engine final : private io::WaitObserver, private io::Watcher {
 public:
  // `board` may be nullptr (a client without a run). Returns nullptr with a
  // Python error set.
  static std::unique_ptr<Engine> create(metrics::Board* board,
                                        size_t process_index, int wake_fd,
                                        PyObject* network_options);
  ~Engine();

  io::EpollLoop& loop() { return *loop_; }
  http::Context& http() { return *http_; }
  // Who is told of the requests of new clients; nullptr: nobody.
  http::ExchangeObserver* observer() { return observers_.get(); }
  const Imports& imports() const { return imports_; }
  const Names& names() const { return names_; }
  PyObject* asyncio_loop() const { return asyncio_loop_.get(); }

  // Tells it the asyncio loop that it is the selector of.
  bool bind(PyObject* asyncio_loop);

  // Tells it any other asyncio loop, which has it take a turn when
  // guest_descriptor() is readable. Once. False with a Python error set.
  bool join(PyObject* asyncio_loop);
  // -1 before join().
  int guest_descriptor() const { return guest_ ? guest_->descriptor() : -1; }
  void take_guest_turn();
  // Comes first wherever Python code has the engine do something that may wait
  // or be timed: a guest's clock stands still until then.
  void enter() {
    if (guest_) [[unlikely]]
      guest_->enter();
  }

  // Descriptors that asyncio watches.
  bool watch(int fd, uint32_t events);
  void unwatch(int fd);

  // Serves the engine's own sockets and workers until asyncio has something to
  // do; `timeout` as a selector's: None, or seconds. Returns a list of
  // (fd, selector events); nullptr with what a step raised.
  PyObject* select(PyObject* timeout);

  // Begins to send metrics, of each request and what send_statsd() is given, as
  // session/statsd.h says, or goes on after close_statsd(). `on_trouble` is
  // called with a text once metrics are lost, and once there are too many
  // names. False with a Python error set.
  bool open_statsd(std::string_view hostname,
                   std::vector<net::Address> addresses, PyObject* on_trouble);
  void send_statsd(std::string_view datagram);
  void close_statsd();
  bool statsd_is_open() const { return statsd_ && statsd_->is_open(); }

  // Starts the load of this process. False with a Python error set.
  bool start_run(const load::RunOptions& options, metrics::Board& board,
                 size_t process_index, PyObject* program);
  load::Run* run() { return run_.get(); }

  // The worker whose step is being taken; nullptr between steps.
  WorkerTask* current_worker() const { return current_worker_; }
  void set_current_worker(WorkerTask* worker) { current_worker_ = worker; }
  // Makes `task` asyncio's current task, until another is or the turn ends:
  // between two steps nobody asks. False with a Python error set.
  bool enter_task(PyObject* task);
  bool is_current_task(PyObject* task) const;
  // asyncio's debug mode: steps are timed.
  bool debugging() const { return debugging_; }
  // What a step leaves here ends select(): SystemExit, KeyboardInterrupt.
  void set_pending_exception(Ref exception) {
    pending_exception_ = std::move(exception);
  }
  // User code ran, so asyncio may have something to do.
  void note_user_code() { user_code_ran_ = true; }

  Targets& targets() { return targets_; }
  KeptErrors& kept_errors() { return kept_errors_; }

  int traverse(visitproc visit, void* arg);
  void clear();

 private:
  class ForeignWatcher;

  Engine() = default;
  void before_wait() override { thread_ = PyEval_SaveThread(); }
  void after_wait() override { PyEval_RestoreThread(thread_); }
  void on_ready(uint32_t events) override;  // of the wake descriptor
  bool asyncio_has_work(PyObject* head_timer);
  bool read_debugging();
  PyObject* take_ready();
  bool finish_run();
  bool leave_tasks();
  void on_statsd_trouble(const std::string& what);

  std::unique_ptr<io::EpollLoop> loop_;
  std::unique_ptr<io::Guest> guest_;  // on a loop that is not ours
  std::unique_ptr<net::Resolver> resolver_;
  std::unique_ptr<net::Connector> connector_;
  std::unique_ptr<http::Context> http_;
  // With a board: what of it this process writes.
  std::unique_ptr<metrics::SeriesWriter> series_;
  std::unique_ptr<session::Recorder> recorder_;
  std::unique_ptr<session::Statsd> statsd_;  // once it was opened
  session::Observers observers_;             // these
  int wake_fd_ = -1;

  Imports imports_;
  Names names_;
  Ref asyncio_loop_;
  Ref asyncio_ready_;      // loop._ready
  Ref asyncio_scheduled_;  // loop._scheduled
  Targets targets_{*this};
  KeptErrors kept_errors_;
  Ref pending_exception_;
  Ref on_statsd_trouble_;
  PyThreadState* thread_ = nullptr;
  WorkerTask* current_worker_ = nullptr;
  bool user_code_ran_ = false;
  bool debugging_ = false;  // as of this select()
  // Which of our tasks asyncio has as the current one; nullptr: none of them.
  PyObject* entered_ = nullptr;
  std::unordered_map<int, std::unique_ptr<ForeignWatcher>> foreign_;
  std::vector<std::pair<int, uint32_t>> foreign_ready_;

  std::unique_ptr<PythonProgram> program_;
  load::RunOptions run_options_;  // which the run borrows
  std::unique_ptr<load::Run> run_;
  std::unique_ptr<ScenarioMetrics> scenario_metrics_;  // with StatsD
};

// The Engine behind a Python object of type _engine.Engine; nullptr with a
// TypeError set.
Engine* engine_of(PyObject* object);
bool add_engine_type(PyObject* module);

}  // namespace molotov::python
