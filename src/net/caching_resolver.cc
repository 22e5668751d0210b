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
  Query(CachingResolver& resolver, std::string host)
      : resolver(resolver), host(std::move(host)) {}

  CachingResolver& resolver;
  std::string host;
  NameAnswer answer;
  IntrusiveList<Waiter> waiters;

 private:
  void on_answer(NameAnswer given) override {
    answer = std::move(given);
    resolver.loop_.post(*this);
  }
  void on_turn() override { resolver.finish(*this); }
};

CachingResolver::CachingResolver(io::Loop& loop,
                                 std::unique_ptr<NameSource> source,
                                 size_t most_names)
    : loop_(loop), most_names_(most_names), source_(std::move(source)) {}

CachingResolver::~CachingResolver() = default;

io::Task<Result<Resolved>> CachingResolver::resolve(std::string host,
                                                    uint16_t port) {
  host = to_lower(std::move(host));
  if (host.empty() || is_invalid(host))
    co_return fail(ErrorCode::dns_not_found,
                   fmt::format("look up '{}': no such name", host));
  if (const std::vector<Address>* known = find(host))
    co_return Resolved{with_port(*known, port), true};
  Waiter waiter;
  ask(host, waiter);
  Result<std::vector<Address>> answer = co_await waiter.answer;
  if (!answer) co_return std::unexpected(std::move(answer.error()));
  co_return Resolved{with_port(std::move(*answer), port), false};
}

const std::vector<Address>* CachingResolver::find(
    const std::string& host) const {
  const auto found = cache_.find(host);
  if (found == cache_.end() || found->second.until <= loop_.now())
    return nullptr;
  return &found->second.addresses;
}

void CachingResolver::keep(const std::string& host, const NameAnswer& answer) {
  const Instant now = loop_.now();
  if (cache_.size() >= most_names_)
    std::erase_if(cache_, [&](const auto& e) { return e.second.until <= now; });
  // All of them hold: any will do.
  if (cache_.size() >= most_names_) cache_.erase(cache_.begin());
  const Duration ttl = std::clamp(answer.ttl, kShortestTtl, kLongestTtl);
  cache_.insert_or_assign(host, Cached{*answer.addresses, now + ttl});
}

void CachingResolver::ask(const std::string& host, Waiter& waiter) {
  std::unique_ptr<Query>& query = queries_[host];
  const bool asked = query != nullptr;
  if (!asked) query = std::make_unique<Query>(*this, host);
  query->waiters.push_back(waiter);
  if (!asked) source_->look_up(host, *query);
}

void CachingResolver::finish(Query& query) {
  const auto found = queries_.find(query.host);
  const std::unique_ptr<Query> finished = std::move(found->second);
  queries_.erase(found);
  const NameAnswer& answer = finished->answer;
  if (answer.addresses) keep(finished->host, answer);
  // Those resumed may cancel others, which are off the list then, and may
  // destroy this resolver.
  while (Waiter* waiter = finished->waiters.pop_front())
    waiter->answer.set(answer.addresses);
}

}  // namespace molotov::net
