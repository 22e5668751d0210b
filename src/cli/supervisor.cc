#include "cli/supervisor.h"

#include <signal.h>
#include <sys/epoll.h>
#include <sys/wait.h>

#include <algorithm>

#include "report/json.h"
#include "report/summary.h"

namespace molotov::cli {
namespace {

using metrics::StopLevel;

// How often the board is looked at.
constexpr Duration kTick = 50ms;
// After a second signal, all has ended within a second: what makes load is
// killed after the first of these. Its parent, who may have a teardown to run
// now, is killed after the other; where it has had its chance, with the first.
constexpr Duration kPatience = 800ms;
constexpr Duration kPatienceWithPython = 150ms;
// How long descriptors may stay open behind the last process: in somebody whom
// the script has left behind.
constexpr Duration kSilence = 200ms;
constexpr Duration kRedrawFloor = 20ms;

}  // namespace

Result<std::unique_ptr<Supervisor>> Supervisor::create(const Options& options,
                                                       Terminal& terminal,
                                                       io::EpollLoop& loop) {
  const auto processes = std::max<int64_t>(options.processes, 1);
  auto plumbing = Plumbing::create(static_cast<size_t>(processes));
  if (!plumbing) return std::unexpected(plumbing.error());
  return std::unique_ptr<Supervisor>(
      new Supervisor(options, terminal, loop, std::move(*plumbing)));
}

Supervisor::Supervisor(const Options& options, Terminal& terminal,
                       io::EpollLoop& loop, Plumbing plumbing)
    : options_(options),
      terminal_(terminal),
      loop_(loop),
      plumbing_(std::move(plumbing)),
      processes_(plumbing_.board()),
      monitor_(plumbing_.board()),
      // They were read before, for find_fault().
      objectives_(report::Objectives::parse(options.threshold,
                                            options.abort_on_threshold)
                      .value_or(report::Objectives())),
      pending_(options, plumbing_.board()),
      tick_([this] { on_tick(); }),
      kill_([this] { kill_late(); }),
      silence_([this] { loop_.stop(); }) {}

Supervisor::~Supervisor() {
  if (python_ && !python_ended_) loop_.unwatch(python_->pid_fd(), *this);
}

int Supervisor::run(const std::string& interpreter) {
  if (const auto started = start(interpreter); !started) {
    terminal_.print(Channel::err, started.error().detail);
    script_failed_ = true;
  } else {
    loop_.run();
  }
  return end();
}

Result<> Supervisor::start(const std::string& interpreter) {
  auto signals = io::Signals::create(loop_, {SIGINT, SIGTERM},
                                     [this](int signal) { on_signal(signal); });
  if (!signals) return std::unexpected(signals.error());
  signals_ = std::move(*signals);
  auto python =
      PythonProcess::start({.interpreter = interpreter,
                            .supervised = plumbing_.describe(options_),
                            .variables = options_.variables,
                            .out_fd = plumbing_.out().front().writing.get(),
                            .err_fd = plumbing_.err().front().writing.get(),
                            .inherited = plumbing_.inherited()});
  if (!python) return std::unexpected(python.error());
  plumbing_.close_writing_ends();
  if (auto reading = start_relays(); !reading) return reading;
  if (auto watching = loop_.watch_level(python->pid_fd(), EPOLLIN, *this);
      !watching)
    return watching;
  python_ = std::move(*python);
  loop_.arm_after(tick_, kTick);
  return {};
}

Result<> Supervisor::start_relays() {
  const bool alone = plumbing_.processes() == 1;
  int source = 1;
  for (Channel channel : {Channel::out, Channel::err}) {
    auto& pipes = channel == Channel::out ? plumbing_.out() : plumbing_.err();
    for (Pipe& pipe : pipes) {
      relays_.push_back(
          std::make_unique<Relay>(loop_, terminal_, channel, source++, alone));
      auto started = relays_.back()->start(std::move(pipe.reading));
      if (!started) return started;
    }
  }
  return {};
}

void Supervisor::on_ready(uint32_t) {
  if (const auto status = python_->status()) on_python_end(*status);
}

void Supervisor::on_signal(int signal) {
  look();
  switch (interrupts_.on_signal(signal, processes_.load_began())) {
    case Interrupts::Step::graceful:
      request_stop(StopLevel::graceful);
      break;
    case Interrupts::Step::cancel:
      request_stop(StopLevel::cancel);
      kill_soon();
      break;
    case Interrupts::Step::end:
      // Should it come to its load after all, it does not begin.
      request_stop(StopLevel::cancel);
      python_->send(SIGTERM);
      kill_soon();
      break;
    case Interrupts::Step::hurry:
      break;
  }
  hurry_ = true;
}

void Supervisor::on_tick() {
  loop_.arm_after(tick_, kTick);
  look();
  monitor_.look(MonotonicClock::now());
  size();
  abort_when_crossed();
  pass_on_stop();
  show_counts();
  say_what_is_pending();
  if (python_ended_) stop_when_silent();
}

void Supervisor::look() {
  for (const std::string& line : processes_.look(python_->pid()))
    terminal_.print(Channel::err, line);
}

// A process asks the others to stop by the board only.
void Supervisor::pass_on_stop() {
  const StopLevel level = plumbing_.board().stop_level();
  if (level <= stop_passed_on_) return;
  stop_passed_on_ = level;
  plumbing_.wake_all();
}

void Supervisor::request_stop(StopLevel level) {
  plumbing_.board().request_stop(level);
  pass_on_stop();
}

// --sizing: the load ends when too many runs fail.
void Supervisor::size() {
  if (!options_.sizing || !processes_.load_began()) return;
  const Instant now = MonotonicClock::now();
  metrics::Board& board = plumbing_.board();
  if (!sizing_) sizing_.emplace(options_.sizing_tolerance, now);
  if (sizing_->observe(now, metrics::totals(board)))
    board.request_stop(StopLevel::graceful);
}

// --abort-on-threshold.
void Supervisor::abort_when_crossed() {
  metrics::Board& board = plumbing_.board();
  if (board.stop_level() != StopLevel::none) return;
  const auto reason =
      objectives_.reason_to_stop(monitor_.data(), metrics::totals(board));
  if (!reason) return;
  if (!options_.quiet) terminal_.print(Channel::err, *reason);
  board.request_stop(StopLevel::graceful);
}

void Supervisor::kill_soon() {
  if (!kill_.armed()) loop_.arm_after(kill_, kPatience);
}

void Supervisor::kill_late() {
  look();
  const bool teardown_to_come = plumbing_.processes() > 1 &&
                                !processes_.killed() && processes_.any_left() &&
                                processes_.load_began();
  processes_.kill();
  if (teardown_to_come)
    loop_.arm_after(kill_, kPatienceWithPython);
  else
    python_->send(SIGKILL);
}

void Supervisor::on_python_end(int status) {
  loop_.unwatch(python_->pid_fd(), *this);
  look();
  for (const std::string& line : processes_.unreported())
    terminal_.print(Channel::err, line);
  python_ended_ = true;
  // Who is killed behind those that were late has just been told of with them.
  const bool behind_them = processes_.killed_any() && WIFSIGNALED(status) &&
                           WTERMSIG(status) == SIGKILL;
  const bool wanted =
      interrupts_.ended_by() != 0 && (!processes_.killed() || behind_them);
  if (!ended_well(status) && !wanted) {
    python_died_ = true;
    terminal_.print(Channel::err, processes_.describe(python_->pid(), status));
  }
  // They die with their parent, but not all at once.
  processes_.kill();
  for (auto& relay : relays_) relay->read_all();
  loop_.arm_after(silence_, kSilence);
  stop_when_silent();
}

bool Supervisor::ended_well(int status) {
  if (is_script_exit(plumbing_.board(), status)) return true;
  const bool done = plumbing_.processes() == 1 ? processes_.all_finished()
                                               : processes_.all_exited();
  if (!WIFEXITED(status) || WEXITSTATUS(status) > 1) return false;
  if (WEXITSTATUS(status) == 0) return done || options_.dry_run;
  script_failed_ = done || !processes_.load_began();
  return script_failed_;
}

void Supervisor::stop_when_silent() {
  if (std::ranges::all_of(relays_, &Relay::finished)) loop_.stop();
}

void Supervisor::show_counts() {
  if (!terminal_.redraws() || options_.quiet || options_.console) return;
  if (!processes_.load_began() || python_ended_) return;
  const Instant now = MonotonicClock::now();
  if (now < counts_due_) return;
  const double wanted = std::clamp(options_.console_update, 0.0, 3600.0);
  counts_due_ = now + std::max(seconds_to_duration(wanted), kRedrawFloor);
  const metrics::Totals totals = metrics::totals(plumbing_.board());
  terminal_.show_status(
      now < plumbing_.board().measured_from()
          ? report::warm_up_line(totals)
          : report::counts_line(report::run_counts(totals, shows_workers())));
}

void Supervisor::say_what_is_pending() {
  if (options_.quiet || python_ended_) return;
  const bool interrupted = interrupts_.any();
  if (const auto line = pending_.look(MonotonicClock::now(), interrupted))
    terminal_.print(Channel::err, *line);
}

// Of several processes they are not told, but when it was asked how many it
// takes.
bool Supervisor::shows_workers() const {
  return plumbing_.processes() == 1 || options_.sizing;
}

int Supervisor::end() {
  for (auto& relay : relays_) relay->close();
  size();  // the whole of it may have been shorter than a tick
  metrics::Board& board = plumbing_.board();
  Outcome outcome{.ended_by_signal = interrupts_.ended_by(),
                  .script_exit = std::nullopt,
                  .script_failed = script_failed_,
                  .process_died = python_died_ || processes_.any_died(),
                  .failures_allowed = options_.fail,
                  .fail_on_any = options_.fail_on_any,
                  .totals = metrics::totals(board)};
  if (const uint32_t code = board.shared().script_exit.load(); code != 0)
    outcome.script_exit = static_cast<int>(code - 1);
  monitor_.finish(MonotonicClock::now());
  if (processes_.load_began()) {
    const auto judgements =
        objectives_.judge_all(monitor_.data(), outcome.totals);
    outcome.threshold_crossed = report::any_crossed(judgements);
    if (!options_.quiet || options_.summary) print_summary(judgements);
    outcome.report_failed = !write_report(judgements);
  }
  wait_for_readers();
  // A signal during that counts, too.
  outcome.ended_by_signal = interrupts_.ended_by();
  return exit_status(outcome);
}

void Supervisor::print_summary(std::span<const report::Judgement> judgements) {
  report::SummaryParts parts{.workers = shows_workers(),
                             .endpoints = options_.verbose > 0,
                             .results = options_.summary || !options_.console,
                             .only_results = options_.quiet,
                             .sizing = nullptr,
                             .judgements = judgements};
  if (sizing_) parts.sizing = &sizing_->verdict();
  for (const std::string& line :
       report::summary_lines(plumbing_.board(), monitor_.data(), parts))
    terminal_.print(Channel::out, line);
}

// False where it could not be.
bool Supervisor::write_report(
    const std::vector<report::Judgement>& judgements) {
  if (!options_.report) return true;
  const auto written = report::write_json_report(
      *options_.report,
      report::facts_of(plumbing_.board(), monitor_.data(), judgements),
      monitor_.data());
  if (!written)
    terminal_.print(Channel::err, "molotov: " + written.error().detail);
  return written.has_value();
}

// What was printed is not lost because its reader is slow, unless the user has
// had enough of waiting.
void Supervisor::wait_for_readers() {
  hurry_ = false;
  while (!terminal_.finish(10ms) && !hurry_) loop_.turn(Duration::zero());
}

}  // namespace molotov::cli
