#include "net/caching_resolver.h"

#include <fmt/format.h>
#include <netinet/in.h>

#include <algorithm>
#include <cstring>

#include "base/intrusive_list.h"

namespace molotov::net {

namespace {

// A TTL of 0 is for the connections that are being made just now: without a
// floor, each of thousands of workers would ask again.
constexpr Duration kShortestTtl = 1s;
constexpr Duration kLongestTtl = std::chrono::hours(24);

std::string to_lower(std::string text) {
  for (char& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return text;
}

// Never exists (RFC 6761, 6.4): no server needs to be asked.
bool is_invalid(std::string_view host) {
  if (host.ends_with('.')) host.remove_suffix(1);
  return host == "invalid" || host.ends_with(".invalid");
}

std::vector<Address> with_port(std::vector<Address> addresses, uint16_t port) {
  static_assert(offsetof(sockaddr_in, sin_port) ==
                offsetof(sockaddr_in6, sin6_port));
  const in_port_t wire = htons(port);
  for (Address& address : addresses)
    std::memcpy(reinterpret_cast<char*>(&address.storage) +
                    offsetof(sockaddr_in, sin_port),
                &wire, sizeof wire);
  return addresses;
}

}  // namespace

// Someone in resolve(). Destroying the task takes it off its query.
struct CachingResolver::Waiter : ListNode<> {
  io::Completion<Result<std::vector<Address>>> answer;
};

// One name that is being asked for. The answer waits on the loop's queue, so
// that nobody is resumed from inside the source.
class CachingResolver::Query final : public NameSource::Asker,
                                     private io::Work {
 public:
  Query(CachingResolver& resolver, const Name& name)
      : resolver(resolver), name(name) {}

  CachingResolver& resolver;
  Name name;
  NameAnswer answer;
  IntrusiveList<Waiter> waiters;

 private:
  void on_answer(NameAnswer given) override {
    answer = std::move(given);
    resolver.loop_.post(*this);
  }
  void on_turn() override { resolver.finish(*this); }
};

size_t CachingResolver::NameHash::operator()(const Name& name) const {
  return std::hash<std::string>()(name.host) * 31 + name.port + name.number;
}

CachingResolver::CachingResolver(io::Loop& loop,
                                 std::unique_ptr<NameSource> source,
                                 const NameCacheOptions& options)
    : loop_(loop), options_(options), source_(std::move(source)) {}

CachingResolver::~CachingResolver() = default;

io::Task<Result<Resolved>> CachingResolver::resolve(std::string host,
                                                    uint16_t port) {
  Name name = name_of(std::move(host), port);
  const bool asks_any = source_->is_custom();
  if (!asks_any && (name.host.empty() || is_invalid(name.host)))
    co_return fail(ErrorCode::dns_not_found,
                   fmt::format("look up '{}': no such name", name.host));
  auto addressed = [&](std::vector<Address> addresses) {
    return asks_any ? addresses : with_port(std::move(addresses), port);
  };
  if (auto known = find(name))
    co_return Resolved{addressed(std::move(*known)), true};
  if (options_.names_max == 0) name.number = ++last_number_;
  Waiter waiter;
  const bool first = ask(name, port, waiter);
  Result<std::vector<Address>> answer = co_await waiter.answer;
  if (!answer) co_return std::unexpected(std::move(answer.error()));
  co_return Resolved{addressed(std::move(*answer)), !first};
}

CachingResolver::Name CachingResolver::name_of(std::string host,
                                               uint16_t port) const {
  return {to_lower(std::move(host)), source_->is_custom() ? port : uint16_t{0},
          0};
}

void CachingResolver::forget(std::string host, uint16_t port) {
  cache_.erase(name_of(std::move(host), port));
}

std::optional<std::vector<Address>> CachingResolver::find(const Name& name) {
  const auto found = cache_.find(name);
  if (found == cache_.end() || found->second.until <= loop_.now()) return {};
  found->second.used = ++last_use_;
  std::vector<Address>& addresses = found->second.addresses;
  if (options_.rotates) std::ranges::rotate(addresses, addresses.begin() + 1);
  return addresses;
}

Instant CachingResolver::end_of(const NameAnswer& answer) const {
  const Instant now = loop_.now();
  if (options_.by_ttl)
    return now + std::clamp(answer.ttl, kShortestTtl, kLongestTtl);
  return options_.lifetime ? now + *options_.lifetime : Instant::max();
}

void CachingResolver::keep(const Name& name, const NameAnswer& answer) {
  if (options_.names_max == 0) return;
  const Instant now = loop_.now();
  if (cache_.size() >= options_.names_max)
    std::erase_if(cache_, [&](const auto& e) { return e.second.until <= now; });
  if (cache_.size() >= options_.names_max && !cache_.contains(name))
    cache_.erase(std::ranges::min_element(
        cache_, {}, [](const auto& e) { return e.second.used; }));
  cache_.insert_or_assign(
      name, Cached{*answer.addresses, end_of(answer), ++last_use_});
}

bool CachingResolver::ask(const Name& name, uint16_t port, Waiter& waiter) {
  std::unique_ptr<Query>& query = queries_[name];
  const bool asked = query != nullptr;
  if (!asked) query = std::make_unique<Query>(*this, name);
  query->waiters.push_back(waiter);
  if (!asked) source_->look_up(name.host, port, *query);
  return !asked;
}

void CachingResolver::finish(Query& query) {
  const auto found = queries_.find(query.name);
  const std::unique_ptr<Query> finished = std::move(found->second);
  queries_.erase(found);
  const NameAnswer& answer = finished->answer;
  if (answer.addresses) keep(finished->name, answer);
  // Those resumed may cancel others, which are off the list then, and may
  // destroy this resolver.
  while (Waiter* waiter = finished->waiters.pop_front())
    waiter->answer.set(answer.addresses);
}

}  // namespace molotov::net
