#include "python/script_network.h"

#include <vector>

#include "python/convert.h"
#include "python/engine.h"

namespace molotov::python {

namespace {

// As Python's sockets have it.
Ref socket_address_of(const net::Address& address) {
  const std::string host = address.host();
  const bool is_v6 = host.find(':') != std::string::npos;
  return Ref::steal(
      is_v6 ? Py_BuildValue("(siii)", host.c_str(), address.port(), 0, 0)
            : Py_BuildValue("(si)", host.c_str(), address.port()));
}

}  // namespace

void ScriptNames::look_up(const std::string& host, uint16_t port,
                          Asker& asker) {
  const uint64_t number = ++last_number_;
  askers_[number] = &asker;
  engine_.note_user_code();
  const Ref asked = Ref::steal(PyObject_CallFunction(
      look_up_.get(), "OKsH", owner_, static_cast<unsigned long long>(number),
      host.c_str(), port));
  if (asked) return;
  const Ref raised = take_raised();
  if (!answer(number, raised.get())) PyErr_WriteUnraisable(owner_);
}

bool ScriptNames::answer(uint64_t number, PyObject* found) {
  const auto asked = askers_.find(number);
  if (asked == askers_.end()) return true;
  net::NameAnswer answer;
  if (PyExceptionInstance_Check(found)) {
    answer.addresses = std::unexpected(
        engine_.kept_errors().keep(ErrorCode::dns_custom, Ref::borrow(found)));
  } else {
    std::vector<net::Address> addresses;
    if (!read_addresses(found, addresses)) return false;
    answer.addresses = std::move(addresses);
  }
  Asker& asker = *asked->second;
  askers_.erase(asked);
  engine_.enter();
  asker.on_answer(std::move(answer));
  return true;
}

Result<Fd> ScriptSockets::make(const net::Address& address) {
  engine_.note_user_code();
  const Ref where = socket_address_of(address);
  const Ref made = where
                       ? Ref::steal(PyObject_CallFunction(
                             make_.get(), "iO", address.family(), where.get()))
                       : Ref();
  const long fd = made ? PyLong_AsLong(made.get()) : -1;
  if (!PyErr_Occurred()) return Fd(static_cast<int>(fd));
  return std::unexpected(
      engine_.kept_errors().keep(ErrorCode::connect_custom, take_raised()));
}

}  // namespace molotov::python
