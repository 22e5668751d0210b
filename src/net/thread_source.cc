#include "net/thread_source.h"

#include <fmt/format.h>
#include <netdb.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <csignal>
#include <cstring>
#include <deque>
#include <mutex>
#include <vector>

#include "base/fd.h"

namespace molotov::net {

namespace {

constexpr size_t kMostThreads = 4;
// The C library does not tell how long an answer holds.
constexpr Duration kTtl = 30s;

Error error_of(int status, int sys_errno, const std::string& host) {
  ErrorCode code = ErrorCode::dns_failed;
  if (status == EAI_NONAME || status == EAI_NODATA)
    code = ErrorCode::dns_not_found;
  const bool system = status == EAI_SYSTEM;
  char text[128];
  const char* why =
      system ? strerror_r(sys_errno, text, sizeof text) : gai_strerror(status);
  return {code, system ? sys_errno : 0,
          fmt::format("look up '{}': {}", host, why)};
}

NameAnswer ask_system(const std::string& host) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int status = getaddrinfo(host.c_str(), nullptr, &hints, &found);
  if (status != 0) return {std::unexpected(error_of(status, errno, host)), {}};
  std::vector<Address> addresses;
  for (const addrinfo* at = found; at; at = at->ai_next) {
    Address address;
    std::memcpy(&address.storage, at->ai_addr, at->ai_addrlen);
    address.size = at->ai_addrlen;
    addresses.push_back(address);
  }
  freeaddrinfo(found);
  return {std::move(addresses), kTtl};
}

}  // namespace

// What the loop's thread and the others share. All of it under the lock.
class ThreadSource::Shared {
 public:
  struct Asked {
    uint64_t id;
    std::string host;
  };
  struct Answered {
    uint64_t id;
    NameAnswer answer;
  };

  explicit Shared(Fd event) : event_(std::move(event)) {}
  int event() const { return event_.get(); }
  void hold() { holders_++; }
  bool let_go() { return --holders_ == 0; }

  // Whether another thread is wanted for it.
  bool ask(Asked asked) {
    const std::lock_guard lock(mutex_);
    asked_.push_back(std::move(asked));
    wanted_.notify_one();
    return asked_.size() > idle_ && threads_ < kMostThreads;
  }
  void started() {
    const std::lock_guard lock(mutex_);
    threads_++;
  }
  bool has_thread() {
    const std::lock_guard lock(mutex_);
    return threads_ > 0;
  }
  void stop() {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    wanted_.notify_all();
  }
  std::vector<Answered> take_answers() {
    const std::lock_guard lock(mutex_);
    return std::exchange(answered_, {});
  }
  void drop_questions() {
    const std::lock_guard lock(mutex_);
    asked_.clear();
  }

  // A thread's life.
  void serve() {
    std::unique_lock lock(mutex_);
    for (;;) {
      idle_++;
      wanted_.wait(lock, [&] { return stopped_ || !asked_.empty(); });
      idle_--;
      if (stopped_) return;
      const Asked asked = std::move(asked_.front());
      asked_.pop_front();
      lock.unlock();
      NameAnswer answer = ask_system(asked.host);
      lock.lock();
      answered_.push_back({asked.id, std::move(answer)});
      const uint64_t one = 1;
      [[maybe_unused]] const ssize_t told =
          ::write(event_.get(), &one, sizeof one);
    }
  }

 private:
  std::atomic<int> holders_ = 1;
  std::mutex mutex_;
  std::condition_variable wanted_;
  std::deque<Asked> asked_;
  std::vector<Answered> answered_;
  size_t idle_ = 0;
  size_t threads_ = 0;
  bool stopped_ = false;
  Fd event_;
};

void ThreadSource::LetGo::operator()(Shared* shared) const {
  if (shared->let_go()) delete shared;
}

ThreadSource::ThreadSource(io::Loop& loop) : loop_(loop) {}

ThreadSource::~ThreadSource() {
  if (!shared_) return;
  shared_->stop();
  loop_.unwatch(shared_->event(), *this);
}

Result<> ThreadSource::open() {
  Fd event(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!event) return fail_errno("eventfd");
  if (auto watched = loop_.watch(event.get(), *this); !watched) return watched;
  shared_ = Hold(new Shared(std::move(event)));
  return {};
}

Result<> ThreadSource::start_thread() {
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  // Signals are for the threads that expect them; a new one inherits the mask.
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  shared_->hold();
  pthread_t thread;
  const int status = pthread_create(&thread, &attributes, run, shared_.get());
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  pthread_attr_destroy(&attributes);
  if (status == 0) {
    shared_->started();
    return {};
  }
  shared_->let_go();
  return std::unexpected(error_from_errno(status, "start a thread"));
}

void* ThreadSource::run(void* hold) {
  const Hold shared(static_cast<Shared*>(hold));
  shared->serve();
  return nullptr;
}

void ThreadSource::look_up(const std::string& host, uint16_t, Asker& asker) {
  if (!shared_) {
    if (auto opened = open(); !opened) {
      asker.on_answer({std::unexpected(opened.error()), {}});
      return;
    }
  }
  const uint64_t id = next_id_++;
  askers_[id] = &asker;
  if (!shared_->ask({id, host})) return;
  auto started = start_thread();
  if (started || shared_->has_thread()) return;
  // Nobody is there to answer what was asked.
  shared_->drop_questions();
  for (const auto& [key, waiting] : std::exchange(askers_, {}))
    waiting->on_answer({std::unexpected(started.error()), {}});
}

void ThreadSource::on_ready(uint32_t) {
  uint64_t count;
  if (::read(shared_->event(), &count, sizeof count) < 0) return;
  for (Shared::Answered& answered : shared_->take_answers()) {
    const auto asker = askers_.find(answered.id);
    if (asker == askers_.end()) continue;
    Asker* told = asker->second;
    askers_.erase(asker);
    told->on_answer(std::move(answered.answer));
  }
}

}  // namespace molotov::net
