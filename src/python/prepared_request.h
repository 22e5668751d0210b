// A request as Python has prepared it: what the options of a call mean.
#pragma once

#include <memory>
#include <string_view>

#include "python/ref.h"
#include "python/request.h"
#include "python/session_object.h"

namespace molotov::python {

struct PreparedRequest {
  // What molotov._request.prepare_request() says: a Prepared. False with a
  // Python error set, and then there is no target.
  bool read(Session& session, PyObject* prepared);

  std::unique_ptr<RequestExtras> extras = std::make_unique<RequestExtras>();
  std::string_view method;  // as long as the extras' keeper
  Ref target;               // of Targets
};

}  // namespace molotov::python
