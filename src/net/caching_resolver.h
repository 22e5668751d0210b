// A resolver that asks a source, and keeps what it says for as long as that
// holds. Those who ask for one name at one time share one query.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "io/loop.h"
#include "net/name_source.h"
#include "net/resolver.h"

namespace molotov::net {

class CachingResolver final : public Resolver {
 public:
  // `loop` must outlive it; its tasks must not.
  CachingResolver(io::Loop& loop, std::unique_ptr<NameSource> source,
                  size_t most_names = 1024);
  ~CachingResolver() override;

  io::Task<Result<Resolved>> resolve(std::string host, uint16_t port) override;

 private:
  class Query;
  struct Waiter;
  struct Cached {
    std::vector<Address> addresses;
    Instant until;
  };

  const std::vector<Address>* find(const std::string& host) const;
  void keep(const std::string& host, const NameAnswer& answer);
  void ask(const std::string& host, Waiter& waiter);
  void finish(Query& query);

  io::Loop& loop_;
  size_t most_names_;
  std::unordered_map<std::string, Cached> cache_;
  std::unordered_map<std::string, std::unique_ptr<Query>> queries_;
  std::unique_ptr<NameSource> source_;  // goes first: it knows the queries
};

}  // namespace molotov::net
