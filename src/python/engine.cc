#include "python/engine.h"

#include <fmt/format.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>

#include "python/convert.h"
#include "python/measures.h"
#include "python/script_code.h"

namespace molotov::python {

namespace {

Ref attribute(const char* module, const char* name) {
  const Ref imported = Ref::steal(PyImport_ImportModule(module));
  if (!imported) return {};
  return Ref::steal(PyObject_GetAttrString(imported.get(), name));
}

}  // namespace

bool Imports::load() {
  constexpr const char* kAsyncio = "molotov._asyncio_internals";
  constexpr const char* kRequest = "molotov._request";
  constexpr const char* kResponse = "molotov._response";
  return (swap_current_task = attribute(kAsyncio, "swap_current_task")) &&
         (current_tasks = attribute(kAsyncio, "current_tasks")) &&
         (current_task = attribute("asyncio", "current_task")) &&
         (tell_slow_step = attribute(kAsyncio, "tell_slow_step")) &&
         (register_task = attribute(kAsyncio, "register_task")) &&
         (unregister_task = attribute(kAsyncio, "unregister_task")) &&
         (cancelled_error = attribute("asyncio", "CancelledError")) &&
         (error_from = attribute("molotov.client.failures", "from_error")) &&
         (prepare_request = attribute(kRequest, "prepare_request")) &&
         (make_headers = attribute(kResponse, "make_headers")) &&
         (decode_text = attribute(kResponse, "decode_text")) &&
         (decode_json = attribute(kResponse, "decode_json"));
}

bool Names::load() {
  const std::pair<Ref*, const char*> all[] = {
      {&future_blocking, "_asyncio_future_blocking"},
      {&add_done_callback, "add_done_callback"},
      {&context, "context"},
      {&cancel, "cancel"},
      {&create_future, "create_future"},
      {&set_result, "set_result"},
      {&done, "done"},
      {&stopping, "_stopping"},
      {&stop, "stop"},
      {&get_debug, "get_debug"},
      {&setup, "setup"},
      {&open_session, "open_session"},
      {&teardown, "teardown"},
      {&on_failure, "on_failure"},
      {&on_death, "on_death"},
      {&print, "print"},
  };
  for (const auto& [ref, text] : all) {
    *ref = Ref::steal(PyUnicode_InternFromString(text));
    if (!*ref) return false;
  }
  msg_keyword = Ref::steal(Py_BuildValue("(s)", "msg"));
  return bool(msg_keyword);
}

// A descriptor of asyncio's, or of a library under it.
class Engine::ForeignWatcher final : public io::Watcher {
 public:
  ForeignWatcher(Engine& engine, int fd) : engine_(engine), fd_(fd) {}

 private:
  void on_ready(uint32_t events) override {
    engine_.foreign_ready_.emplace_back(fd_, events);
  }
  Engine& engine_;
  int fd_;
};

std::unique_ptr<Engine> Engine::create(metrics::Board* board,
                                       size_t process_index, int wake_fd,
                                       PyObject* network_options) {
  net::TlsClientOptions tls;
  std::vector<net::ConnectTo> connect_to;
  if (!read_network_options(network_options, tls, connect_to)) return nullptr;
  auto loop = io::EpollLoop::create();
  if (!loop) {
    PyErr_SetString(PyExc_OSError, loop.error().detail.c_str());
    return nullptr;
  }
  std::unique_ptr<Engine> engine(new Engine);
  engine->loop_ = std::move(*loop);
  engine->loop_->set_wait_observer(engine.get());
  engine->resolver_ = net::Resolver::create(*engine->loop_);
  engine->connector_ = std::make_unique<net::Connector>(
      *engine->loop_, *engine->resolver_, std::move(connect_to));
  engine->http_ = std::make_unique<http::Context>(
      *engine->loop_, *engine->connector_, std::move(tls));
  if (board) {
    engine->series_ =
        std::make_unique<metrics::SeriesWriter>(board->series(process_index));
    engine->recorder_ = std::make_unique<session::Recorder>(
        board->part(process_index), *engine->series_);
    engine->observers_.add(*engine->recorder_);
  }
  if (wake_fd >= 0) {
    engine->wake_fd_ = wake_fd;
    if (!engine->loop_->watch_level(wake_fd, EPOLLIN, *engine)) {
      PyErr_SetString(PyExc_OSError, "the wake descriptor cannot be watched");
      return nullptr;
    }
  }
  if (!engine->imports_.load() || !engine->names_.load()) return nullptr;
  if (!engine->targets_.init()) return nullptr;
  return engine;
}

Engine::~Engine() {
  if (series_) stop_counting_in(series_.get());
  scenario_metrics_.reset();
  run_.reset();
  if (wake_fd_ >= 0) loop_->unwatch(wake_fd_, *this);
  for (auto& [fd, watcher] : foreign_) loop_->unwatch(fd, *watcher);
}

bool Engine::bind(PyObject* asyncio_loop) {
  asyncio_loop_ = Ref::borrow(asyncio_loop);
  asyncio_ready_ = Ref::steal(PyObject_GetAttrString(asyncio_loop, "_ready"));
  asyncio_scheduled_ =
      Ref::steal(PyObject_GetAttrString(asyncio_loop, "_scheduled"));
  return asyncio_ready_ && asyncio_scheduled_;
}

bool Engine::join(PyObject* asyncio_loop) {
  if (asyncio_loop_) {
    PyErr_SetString(PyExc_RuntimeError, "an Engine has one asyncio loop");
    return false;
  }
  auto guest = io::Guest::create(*loop_);
  if (!guest) {
    PyErr_SetString(PyExc_OSError, guest.error().detail.c_str());
    return false;
  }
  guest_ = std::move(*guest);
  asyncio_loop_ = Ref::borrow(asyncio_loop);
  return true;
}

void Engine::take_guest_turn() {
  if (guest_) guest_->turn();
}

bool Engine::watch(int fd, uint32_t events) {
  auto& watcher = foreign_[fd];
  if (!watcher) watcher = std::make_unique<ForeignWatcher>(*this, fd);
  const auto watched = loop_->watch_level(fd, events, *watcher);
  if (watched) return true;
  foreign_.erase(fd);
  errno = watched.error().sys_errno;
  PyErr_SetFromErrno(PyExc_OSError);
  return false;
}

void Engine::unwatch(int fd) {
  const auto found = foreign_.find(fd);
  if (found == foreign_.end()) return;
  loop_->unwatch(fd, *found->second);
  std::erase_if(foreign_ready_,
                [fd](const auto& ready) { return ready.first == fd; });
  foreign_.erase(found);
}

// The wake descriptor: somebody asks for a stop, the board says which.
void Engine::on_ready(uint32_t) {
  uint64_t count;
  [[maybe_unused]] const ssize_t got = ::read(wake_fd_, &count, sizeof count);
  if (run_) run_->check_stop();
}

bool Engine::asyncio_has_work(PyObject* head_timer) {
  const bool of_context = ScriptCode::take_ran();
  if (!std::exchange(user_code_ran_, false) && !of_context) return false;
  if (PyObject_Size(asyncio_ready_.get()) > 0) return true;
  PyObject* const scheduled = asyncio_scheduled_.get();
  if (PyList_GET_SIZE(scheduled) > 0 &&
      PyList_GET_ITEM(scheduled, 0) != head_timer)
    return true;
  const Ref stopping =
      Ref::steal(PyObject_GetAttr(asyncio_loop_.get(), names_.stopping.get()));
  return stopping.get() == Py_True;
}

bool Engine::enter_task(PyObject* task) {
  // Whoever replaced it inside the worker's own step has put it back by now.
  if (entered_ == task) return true;
  PyObject* const tasks = imports_.current_tasks.get();
  bool entered;
  if (tasks != Py_None) {
    entered = PyDict_SetItem(tasks, asyncio_loop_.get(), task) == 0;
  } else {
    PyObject* const swap = imports_.swap_current_task.get();
    PyObject* arguments[] = {nullptr, asyncio_loop_.get(), task};
    entered = bool(Ref::steal(PyObject_Vectorcall(
        swap, arguments + 1, 2 | PY_VECTORCALL_ARGUMENTS_OFFSET, nullptr)));
  }
  if (entered) entered_ = task;
  return entered;
}

bool Engine::is_current_task(PyObject* task) const {
  PyObject* const tasks = imports_.current_tasks.get();
  if (tasks != Py_None)
    return PyDict_GetItemWithError(tasks, asyncio_loop_.get()) == task;
  const Ref current = Ref::steal(
      PyObject_CallOneArg(imports_.current_task.get(), asyncio_loop_.get()));
  if (!current) PyErr_Clear();
  return current.get() == task;
}

bool Engine::leave_tasks() {
  if (!entered_) return true;
  if (imports_.current_tasks.get() == Py_None) {
    const bool left = enter_task(Py_None);
    entered_ = nullptr;
    return left;
  }
  entered_ = nullptr;
  return PyDict_DelItem(imports_.current_tasks.get(), asyncio_loop_.get()) == 0;
}

PyObject* Engine::select(PyObject* timeout) {
  Instant end = Instant::max();
  if (timeout != Py_None) {
    const double seconds = PyFloat_AsDouble(timeout);
    if (seconds == -1.0 && PyErr_Occurred()) return nullptr;
    // Far beyond any run: what a selector takes as well as for ever.
    if (seconds < 1e8)
      end = MonotonicClock::now() + seconds_to_duration(std::max(seconds, 0.0));
  }
  const Ref head_timer = Ref::borrow(
      asyncio_scheduled_ && PyList_GET_SIZE(asyncio_scheduled_.get()) > 0
          ? PyList_GET_ITEM(asyncio_scheduled_.get(), 0)
          : nullptr);
  user_code_ran_ = false;
  if (!read_debugging()) return nullptr;
  for (;;) {
    const Duration longest =
        end == Instant::max() ? Duration::max() : end - MonotonicClock::now();
    loop_->turn(std::max(longest, Duration(0)));
    if (!leave_tasks()) return nullptr;
    if (pending_exception_) {
      raise(std::move(pending_exception_));
      return nullptr;
    }
    if (PyErr_CheckSignals() < 0 || !finish_run()) return nullptr;
    if (!foreign_ready_.empty() || longest <= 0ns ||
        asyncio_has_work(head_timer.get()))
      return take_ready();
  }
}

bool Engine::read_debugging() {
  debugging_ = false;
  if (!asyncio_loop_) return true;
  const Ref debug = Ref::steal(
      PyObject_CallMethodNoArgs(asyncio_loop_.get(), names_.get_debug.get()));
  debugging_ = debug.get() == Py_True;
  return bool(debug);
}

PyObject* Engine::take_ready() {
  Ref list = Ref::steal(PyList_New(0));
  for (const auto& [fd, events] : foreign_ready_) {
    int readable_or_writable = 0;
    if (events & ~static_cast<uint32_t>(EPOLLOUT)) readable_or_writable |= 1;
    if (events & ~static_cast<uint32_t>(EPOLLIN)) readable_or_writable |= 2;
    const Ref ready =
        Ref::steal(Py_BuildValue("(ii)", fd, readable_or_writable));
    if (!list || !ready || PyList_Append(list.get(), ready.get()) < 0)
      return nullptr;
  }
  foreign_ready_.clear();
  return list.release();
}

bool Engine::start_run(const load::RunOptions& options, metrics::Board& board,
                       size_t process_index, PyObject* program) {
  program_ = PythonProgram::create(*this, program);
  if (!program_) return false;
  run_options_ = options;
  if (!series_)
    series_ =
        std::make_unique<metrics::SeriesWriter>(board.series(process_index));
  run_ = std::make_unique<load::Run>(*loop_, run_options_, *program_, board,
                                     process_index, *series_, *program_);
  if (statsd_)
    scenario_metrics_ = std::make_unique<ScenarioMetrics>(
        *loop_, *run_, program_->scenarios(), *statsd_);
  count_in(series_.get());
  run_->start();
  // A stop that was asked for before anybody listened.
  run_->check_stop();
  return true;
}

bool Engine::open_statsd(std::string_view hostname,
                         std::vector<net::Address> addresses,
                         PyObject* on_trouble) {
  on_statsd_trouble_ = Ref::borrow(on_trouble);
  if (!statsd_) {
    statsd_ = std::make_unique<session::Statsd>(
        *loop_, hostname,
        [this](const Error& cause) {
          on_statsd_trouble(cause.detail + "; metrics are lost");
        },
        [this] {
          on_statsd_trouble(fmt::format(
              "there are more than {} different requests; others are sent as "
              "'other'",
              session::Statsd::kNamesMost));
        });
    observers_.add(*statsd_);
  }
  if (statsd_->is_open()) return true;
  const auto opened = statsd_->open(std::move(addresses));
  if (!opened) PyErr_SetString(PyExc_OSError, opened.error().detail.c_str());
  return bool(opened);
}

void Engine::send_statsd(std::string_view datagram) {
  if (statsd_) statsd_->send(datagram);
}

void Engine::close_statsd() {
  if (statsd_) statsd_->close();
}

void Engine::on_statsd_trouble(const std::string& what) {
  if (!on_statsd_trouble_) return;
  const Ref text = str_of(what);
  const Ref told = Ref::steal(
      text ? PyObject_CallOneArg(on_statsd_trouble_.get(), text.get())
           : nullptr);
  if (!told) PyErr_WriteUnraisable(on_statsd_trouble_.get());
}

// When the last worker has ended, ends run_forever().
bool Engine::finish_run() {
  if (!run_ || !run_->done()) return true;
  if (scenario_metrics_) scenario_metrics_->tell();
  scenario_metrics_.reset();
  run_.reset();
  stop_counting_in(series_.get());
  const Ref stopped = Ref::steal(
      PyObject_CallMethodNoArgs(asyncio_loop_.get(), names_.stop.get()));
  user_code_ran_ = true;
  return bool(stopped);
}

int Engine::traverse(visitproc visit, void* arg) {
  Py_VISIT(asyncio_loop_.get());
  Py_VISIT(asyncio_ready_.get());
  Py_VISIT(asyncio_scheduled_.get());
  Py_VISIT(on_statsd_trouble_.get());
  if (const int stop = targets_.traverse(visit, arg)) return stop;
  if (const int stop = kept_errors_.traverse(visit, arg)) return stop;
  return program_ ? program_->traverse(visit, arg) : 0;
}

void Engine::clear() {
  scenario_metrics_.reset();
  run_.reset();
  program_.reset();
  on_statsd_trouble_.reset();
  kept_errors_.clear();
  asyncio_loop_.reset();
  asyncio_ready_.reset();
  asyncio_scheduled_.reset();
}

}  // namespace molotov::python
