// A resolver that asks a source, and keeps what it says for as long as that
// holds. Those who ask for one name at one time share one query.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "io/loop.h"
#include "net/name_source.h"
#include "net/resolver.h"

namespace molotov::net {

struct NameCacheOptions {
  // Of more, the one that was not used for the longest is forgotten. 0: nothing
  // is kept, and no query shared.
  size_t names_max = 1024;
  bool by_ttl = true;  // answers hold as long as they say;
  // otherwise so long; nothing: for ever
  std::optional<Duration> lifetime = {};
  // What is kept begins with another address each time.
  bool rotates = false;
};

class CachingResolver final : public Resolver {
 public:
  // `loop` must outlive it; its tasks must not.
  CachingResolver(io::Loop& loop, std::unique_ptr<NameSource> source,
                  const NameCacheOptions& options = {});
  ~CachingResolver() override;

  io::Task<Result<Resolved>> resolve(std::string host, uint16_t port) override;

  // What is kept of a name, or of all; queries under way go on.
  void forget(std::string host, uint16_t port);
  void forget_all() { cache_.clear(); }

 private:
  class Query;
  struct Waiter;
  struct Cached {
    std::vector<Address> addresses;
    Instant until;
    uint64_t used = 0;  // the greater, the later
  };
  // What a query is for.
  struct Name {
    std::string host;
    uint16_t port = 0;    // where it matters
    uint64_t number = 0;  // where queries are not shared
    bool operator==(const Name&) const = default;
  };
  struct NameHash {
    size_t operator()(const Name& name) const;
  };

  Name name_of(std::string host, uint16_t port) const;
  std::optional<std::vector<Address>> find(const Name& name);
  Instant end_of(const NameAnswer& answer) const;
  void keep(const Name& name, const NameAnswer& answer);
  // Whether nobody had asked for it yet.
  bool ask(const Name& name, uint16_t port, Waiter& waiter);
  void finish(Query& query);

  io::Loop& loop_;
  NameCacheOptions options_;
  std::unordered_map<Name, Cached, NameHash> cache_;
  std::unordered_map<Name, std::unique_ptr<Query>, NameHash> queries_;
  uint64_t last_number_ = 0;
  uint64_t last_use_ = 0;
  std::unique_ptr<NameSource> source_;  // goes first: it knows the queries
};

}  // namespace molotov::net
