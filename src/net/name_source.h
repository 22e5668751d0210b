// Where a resolver's answers come from. Used on the loop's thread.
#pragma once

#include <string>
#include <vector>

#include "base/error.h"
#include "base/time.h"
#include "net/resolver.h"

namespace molotov::net {

struct NameAnswer {
  // At least one; port 0, but of a custom source.
  Result<std::vector<Address>> addresses;
  Duration ttl{};  // how long that holds
};

class NameSource {
 public:
  class Asker {
   public:
    virtual void on_answer(NameAnswer answer) = 0;

   protected:
    ~Asker() = default;
  };

  // Nobody is told after this.
  virtual ~NameSource() = default;

  // Tells `asker`, once, maybe before this returns. The asker must live until
  // then, or until the source is destroyed.
  virtual void look_up(const std::string& host, uint16_t port,
                       Asker& asker) = 0;
  // The caller's own: it is asked for any name, and its answers, which are for
  // the port that was asked for, say one.
  virtual bool is_custom() const { return false; }
};

}  // namespace molotov::net
