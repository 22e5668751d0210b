// One load test, seen from above: starts the process that makes the load, draws
// the console, passes on what is printed, acts on signals, and says at the end
// how it went. The load's processes may do what they like: what they had
// counted is on the board, and is shown.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "cli/load_processes.h"
#include "cli/options.h"
#include "cli/outcome.h"
#include "cli/pending.h"
#include "cli/plumbing.h"
#include "cli/python.h"
#include "cli/relay.h"
#include "cli/terminal.h"
#include "io/epoll_loop.h"
#include "io/signals.h"
#include "metrics/run_monitor.h"
#include "metrics/sizing.h"
#include "report/objectives.h"

namespace molotov::cli {

class Supervisor final : private io::Watcher {
 public:
  // `options` are final, the configuration applied. All are borrowed. Fails
  // where the process is out of descriptors or memory.
  static Result<std::unique_ptr<Supervisor>> create(const Options& options,
                                                    Terminal& terminal,
                                                    io::EpollLoop& loop);
  ~Supervisor();

  // The whole test; returns the command's exit status. Once.
  int run(const std::string& interpreter);

 private:
  Supervisor(const Options& options, Terminal& terminal, io::EpollLoop& loop,
             Plumbing plumbing);
  Result<> start(const std::string& interpreter);
  Result<> start_relays();

  void on_ready(uint32_t events) override;  // the Python process has ended
  void on_signal(int signal);
  void on_tick();
  void look();
  void size();
  void abort_when_crossed();
  void pass_on_stop();
  void request_stop(metrics::StopLevel level);
  void kill_soon();
  void kill_late();
  void on_python_end(int status);
  bool ended_well(int status);
  void stop_when_silent();
  void show_counts();
  void say_what_is_pending();

  int end();
  bool shows_workers() const;
  void print_summary(std::span<const report::Judgement> judgements);
  bool write_report(const std::vector<report::Judgement>& judgements);
  void wait_for_readers();

  const Options& options_;
  Terminal& terminal_;
  io::EpollLoop& loop_;
  Plumbing plumbing_;
  LoadProcesses processes_;
  std::unique_ptr<io::Signals> signals_;
  Interrupts interrupts_;
  metrics::RunMonitor monitor_;
  report::Objectives objectives_;
  Pending pending_;
  std::vector<std::unique_ptr<Relay>> relays_;
  std::optional<PythonProcess> python_;
  std::optional<metrics::Sizing> sizing_;  // once the load began

  // A timer that calls a member.
  using Call = io::CallTimer<std::function<void()>>;
  Call tick_;
  Call kill_;
  Call silence_;

  Instant counts_due_{};
  metrics::StopLevel stop_passed_on_ = metrics::StopLevel::none;
  bool python_ended_ = false;
  bool python_died_ = false;
  bool script_failed_ = false;
  bool hurry_ = false;
};

}  // namespace molotov::cli
