#include "load/open_model.h"

#include <sys/random.h>

#include <algorithm>
#include <utility>

namespace molotov::load {

namespace {

// Of many runs that are due at once, so much is done in a turn before sockets
// are looked at again. A worker costs as much to make as so many runs to begin.
constexpr int kPerTurn = 256;
constexpr int kCostOfWorker = 8;

Profile profile_of(const RunOptions& options, Duration span) {
  if (options.stages) return Profile(options.stages->pieces);
  const double rate = *options.rate;
  const Duration rise = std::clamp(options.ramp_up, Duration(0), span);
  const double reached = options.ramp_up > span
                             ? rate * duration_to_seconds(span) /
                                   duration_to_seconds(options.ramp_up)
                             : rate;
  return Profile({{rise, 0, reached}, {span - rise, rate, rate}});
}

Random random_of(const Crew& crew) {
  constexpr uint64_t kOfArrivals = ~uint64_t{0};  // no worker has that number
  if (crew.random) return crew.random->derived(kOfArrivals);
  uint64_t seed = 0;
  // Of so few bytes it does not fail once the system is up.
  [[maybe_unused]] const int got = getentropy(&seed, sizeof seed);
  return Random(seed);
}

Arrivals arrivals_of(const Crew& crew, const Profile& profile) {
  const RunOptions& options = crew.options;
  Arrivals arrivals(profile, options.arrival, crew.share, random_of(crew));
  if (options.max_runs != 0)
    arrivals.bound(
        static_cast<uint64_t>(std::max<int64_t>(options.max_runs, 0)),
        std::max(options.warm_up, Duration(0)));
  return arrivals;
}

}  // namespace

OpenModel::OpenModel(Crew& crew)
    : Model(crew),
      start_line_(crew.loop, crew.board, crew.part),
      profile_(profile_of(crew.options, span())),
      most_workers_(static_cast<size_t>(std::max(crew.options.workers, 0))),
      head_(arrivals_of(crew, profile_)),
      due_(head_) {}

void OpenModel::begin() {
  if (!closed_) start_line_.wait([this](Instant at) { begin_at(at); });
}

void OpenModel::begin_at(Instant at) {
  begin_ = at;
  end_ = at + profile_.length();
  if (const auto grace = crew_.options.grace_after_duration)
    last_start_ = end_ + *grace;
  crew_.begin(begin_, end_);
  close_if_over();
  if (!closed_) wait_for_next();
}

void OpenModel::wait_for_next() {
  Instant next = last_start_;
  if (const auto due = due_.next())
    next = begin_ + *due;
  else if (crew_.loop.exact_now() < end_)
    next = end_;
  crew_.loop.arm(*this, next);
}

// Looks at the runs that are due. Those that a worker is free for begin.
void OpenModel::serve() {
  // Of a stop that another has asked for it is told soon.
  if (closed_ || crew_.stopping()) return;
  const Instant now = crew_.loop.exact_now();
  int left = kPerTurn;
  // A run may stop it all.
  for (; left > 0 && !closed_ && is_due(now); left--) notice();
  close_if_over();
  while (left > 0 && !closed_ && hire_for_waiting()) left -= kCostOfWorker;
  if (closed_) return;
  if (left > 0)
    wait_for_next();
  else
    crew_.loop.post(*this);
}

bool OpenModel::is_due(Instant now) const {
  const auto next = due_.next();
  return next && begin_ + *next <= now;
}

void OpenModel::notice() {
  due_.advance();
  if (!free_.empty()) {  // and so none waits
    Worker* worker = free_.back();
    free_.pop_back();
    return begin_run(*worker);
  }
  waiting_++;
  if (waiting_ > workers_to_come()) crew_.part.cap_reached.add();
}

// That are being set up, or may be made.
uint64_t OpenModel::workers_to_come() const {
  return new_ + most_workers_ - alive();
}

// One more worker, where more runs wait than there are workers to come.
bool OpenModel::hire_for_waiting() {
  if (waiting_ <= new_ || alive() >= most_workers_) return false;
  size_t id = workers().size();
  if (!vacant_.empty()) {
    id = vacant_.back();
    vacant_.pop_back();
  }
  new_++;
  is_new_.resize(std::max(is_new_.size(), id + 1));
  is_new_[id] = true;
  hire(id).start_at(crew_.loop.now());
  return true;
}

void OpenModel::on_free(Worker& worker) {
  const auto id = static_cast<size_t>(worker.id());
  if (is_new_[id]) {
    is_new_[id] = false;
    new_--;
  }
  if (closed_) return worker.leave();
  if (waiting_ == 0) {
    worker.rest();
    return free_.push_back(&worker);
  }
  waiting_--;
  begin_run(worker);
  close_if_over();
}

void OpenModel::begin_run(Worker& worker) {
  const Instant intended = begin_ + *head_.next();
  if (intended >= crew_.measure_from) {
    const Duration delay = crew_.loop.exact_now() - intended;
    crew_.part.starts.add();
    if (delay > metrics::kLateStart) crew_.part.late_starts.add();
    crew_.part.start_delay.record(delay);
  }
  beginning_ = head_.number();
  head_.advance();
  worker.run(intended, true);
}

double OpenModel::draw(const Worker&) const {
  constexpr uint64_t kOfPicks = ~uint64_t{1};
  return crew_.random->derived(kOfPicks).uniform(beginning_);
}

// All has begun that was asked for, or the duration is over. What was due
// before that begins all the same, a moment late, where there is a worker for
// it.
void OpenModel::close_if_over() {
  if (closed_) return;
  if (!head_.next() && head_.bound_reached()) return close();
  const Instant now = crew_.loop.exact_now();
  if (due_.next() || now < end_) return;
  const uint64_t beginning = now < last_start_ ? workers_to_come() : 0;
  if (waiting_ > beginning) {
    crew_.part.starts_missed.add(waiting_ - beginning);
    waiting_ = beginning;
  }
  if (waiting_ == 0) close();
}

void OpenModel::close() {
  closed_ = true;
  crew_.part.starts_missed.add(waiting_);
  waiting_ = 0;
  start_line_.leave();
  crew_.loop.disarm(*this);
  for (Worker* worker : std::exchange(free_, {})) worker->look_up();
}

void OpenModel::on_worker_ended(Worker& worker) {
  const auto id = static_cast<size_t>(worker.id());
  if (is_new_[id]) {
    is_new_[id] = false;
    new_--;
  }
  vacant_.push_back(id);
  if (!closed_ && waiting_ > 0) crew_.loop.post(*this);
}

void OpenModel::on_stop() {
  if (!closed_) close();
}

}  // namespace molotov::load
