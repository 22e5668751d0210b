// What a script's connector has of its own: how names are looked up, and how
// sockets are made.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>

#include "net/connect_race.h"
#include "net/name_source.h"
#include "python/ref.h"

namespace molotov::python {

class Engine;

// Asks Python for the addresses of names (molotov.client.resolver.Names).
class ScriptNames final : public net::NameSource {
 public:
  // `look_up` is called with `owner`, a number, a host and a port, and has
  // answer() called with that number. `owner` is borrowed: it owns this.
  ScriptNames(Engine& engine, PyObject* owner, Ref look_up)
      : engine_(engine), owner_(owner), look_up_(std::move(look_up)) {}

  void look_up(const std::string& host, uint16_t port, Asker& asker) override;
  bool is_custom() const override { return true; }

  // `found` is a list of pairs of address and port, or an exception. Of what
  // nobody asked, or was told of already, nothing happens. False with a Python
  // error set.
  bool answer(uint64_t number, PyObject* found);

  int traverse(visitproc visit, void* arg) const {
    return look_up_.visit(visit, arg);
  }
  // Nothing will be looked up any more.
  void clear() { look_up_.reset(); }

 private:
  Engine& engine_;
  PyObject* owner_;
  Ref look_up_;
  std::unordered_map<uint64_t, Asker*> askers_;
  uint64_t last_number_ = 0;
};

// Has Python make sockets (molotov.client.connector.socket_of).
class ScriptSockets final : public net::SocketMaker {
 public:
  // `make` is called with a family and a socket address, and returns a
  // descriptor.
  ScriptSockets(Engine& engine, Ref make)
      : engine_(engine), make_(std::move(make)) {}

  Result<Fd> make(const net::Address& address) override;

  int traverse(visitproc visit, void* arg) const {
    return make_.visit(visit, arg);
  }
  // No sockets will be made any more.
  void clear() { make_.reset(); }

 private:
  Engine& engine_;
  Ref make_;
};

}  // namespace molotov::python
