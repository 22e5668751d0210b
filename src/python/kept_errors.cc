#include "python/kept_errors.h"

#include <climits>
#include <string>

namespace molotov::python {

namespace {

constexpr size_t kMost = 256;

}  // namespace

Error KeptErrors::keep(ErrorCode code, Ref exception) {
  const Ref text = Ref::steal(PyObject_Str(exception.get()));
  std::string detail(text ? utf8_of(text.get()) : std::string_view());
  PyErr_Clear();
  if (kept_.size() >= kMost) {
    kept_.pop_front();
    first_++;
  }
  if (first_ > INT_MAX / 2) {  // numbers begin anew, with nothing kept
    kept_.clear();
    first_ = 1;
  }
  kept_.push_back(std::move(exception));
  const auto number = first_ + static_cast<int>(kept_.size()) - 1;
  return {code, number, std::move(detail)};
}

PyObject* KeptErrors::find(int number) const {
  const auto at = static_cast<size_t>(number - first_);
  return number >= first_ && at < kept_.size() ? kept_[at].get() : nullptr;
}

int KeptErrors::traverse(visitproc visit, void* arg) const {
  for (const Ref& exception : kept_) Py_VISIT(exception.get());
  return 0;
}

}  // namespace molotov::python
