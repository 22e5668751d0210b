// Exceptions of a script that the engine's errors stand for.
#pragma once

#include <deque>

#include "base/error.h"
#include "python/ref.h"

namespace molotov::python {

// Of one engine. The last ones are kept: whoever waits for what failed raises
// it within the turn, or never.
class KeptErrors {
 public:
  // An Error for that exception: find() has it by its sys_errno.
  Error keep(ErrorCode code, Ref exception);
  // Borrowed; nullptr where it is kept no more.
  PyObject* find(int number) const;

  int traverse(visitproc visit, void* arg) const;
  void clear() { kept_.clear(); }

 private:
  std::deque<Ref> kept_;
  int first_ = 1;  // the first one's number
};

}  // namespace molotov::python
