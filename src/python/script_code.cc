#include "python/script_code.h"

#include <utility>

namespace molotov::python {

namespace {

class Later final : public io::Work {
 public:
  Later(Ref kept, std::function<void()> call)
      : kept_(std::move(kept)), call_(std::move(call)) {}

 private:
  void on_turn() override {
    call_();
    delete this;
  }

  Ref kept_;
  std::function<void()> call_;
};

}  // namespace

thread_local int ScriptCode::depth_ = 0;
thread_local bool ScriptCode::ran_ = false;

void do_later(io::EpollLoop& loop, Ref kept, std::function<void()> call) {
  loop.post(*new Later(std::move(kept), std::move(call)));
}

}  // namespace molotov::python
