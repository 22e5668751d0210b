// Where a resolver's answers come from. Used on the loop's thread.
#pragma once

#include <string>
#include <vector>

#include "base/error.h"
#include "base/time.h"
#include "net/resolver.h"

namespace molotov::net {

struct NameAnswer {
  Result<std::vector<Address>> addresses;  // at least one; port 0
  Duration ttl{};                          // how long that holds
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
  virtual void look_up(const std::string& host, Asker& asker) = 0;
};

}  // namespace molotov::net
