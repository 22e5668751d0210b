// Code of a script's that runs in the middle of an exchange: that of the
// ssl.SSLContext which the exchange was given. It may do anything, and so end
// that very exchange, which is put off until it is over.
#pragma once

#include <functional>
#include <utility>

#include "io/epoll_loop.h"
#include "python/ref.h"

namespace molotov::python {

// While it exists such code may run. No garbage is collected meanwhile, unless
// it is asked for: finalizers may end anything too.
class ScriptCode {
 public:
  ScriptCode() : collects_(PyGC_Disable()) { depth_++; }
  ScriptCode(const ScriptCode&) = delete;
  ScriptCode& operator=(const ScriptCode&) = delete;
  ~ScriptCode() {
    depth_--;
    ran_ = true;
    if (collects_) PyGC_Enable();
  }

  // One exists in this thread.
  static bool runs() { return depth_ > 0; }
  // One existed since this was asked last: asyncio may have something to do.
  static bool take_ran() { return std::exchange(ran_, false); }

 private:
  static thread_local int depth_;
  static thread_local bool ran_;
  const bool collects_;
};

// Calls it in the loop's next turn, with the object kept until then.
void do_later(io::EpollLoop& loop, Ref kept, std::function<void()> call);

}  // namespace molotov::python
