// Names to addresses: against a name server of the test's own on loopback, what
// is kept for how long, and that those who ask may go away at any moment.
#include "net/resolver.h"

#include <arpa/inet.h>

#include <algorithm>
#include <map>
#include <vector>

#include "io/sim_loop.h"
#include "net/caching_resolver.h"
#include "net/cares_source.h"
#include "net/nsswitch.h"
#include "net/testing.h"
#include "net/thread_source.h"

namespace molotov::net {
namespace {

std::string names_of(const std::vector<Address>& addresses) {
  std::string all;
  for (const Address& address : addresses)
    all += (all.empty() ? "" : " ") + address.to_string();
  return all;
}

TEST(ParseAddress, TakesAddressesOnly) {
  EXPECT_EQ(parse_address("127.0.0.1", 80)->to_string(), "127.0.0.1:80");
  EXPECT_EQ(parse_address("::1", 443)->to_string(), "[::1]:443");
  EXPECT_EQ(parse_address("::ffff:10.0.0.1", 1)->family(), AF_INET6);
  EXPECT_TRUE(parse_address("fe80::1%lo", 1).has_value());
  for (const char* name : {"", "localhost", "[::1]", "127.0.0.1:80", "1.2.3",
                           "::1%", "fe80::1%nosuch", "10.0.0.256"})
    EXPECT_FALSE(parse_address(name, 80).has_value()) << name;
}

TEST(Address, SaysItsHostAndPort) {
  const Address v4 = *parse_address("127.0.0.1", 80);
  EXPECT_EQ(v4.host(), "127.0.0.1");
  EXPECT_EQ(v4.port(), 80);
  EXPECT_EQ(v4.to_string(), "127.0.0.1:80");
  const Address v6 = *parse_address("fe80::1%1", 443);
  EXPECT_EQ(v6.host(), "fe80::1%1");
  EXPECT_EQ(v6.port(), 443);
  EXPECT_EQ(parse_address("::1", 80)->to_string(), "[::1]:80");
}

TEST(HostsNeedSystem, WhereThereIsMoreThanFilesAndDns) {
  struct Row {
    const char* text;
    bool needed;
  };
  for (const Row& row : {
           Row{"", false},
           {"passwd: files systemd\n", false},
           {"passwd: files\nhosts:          files dns\n", false},
           {"hosts: dns files", false},
           {"hosts: files dns # mdns4", false},
           {"# hosts: files mdns4\nhosts: files dns\n", false},
           {"hosts: files mdns4_minimal [NOTFOUND=return] dns\n", true},
           {"hosts:\tfiles resolve [!UNAVAIL=return] dns myhostname\n", true},
           {"  hosts: files [NOTFOUND=return] dns\n", true},
       })
    EXPECT_EQ(hosts_need_system(row.text), row.needed) << row.text;
}

// Answers when it is told to, and counts what it was asked.
class FakeSource final : public NameSource {
 public:
  void look_up(const std::string& host, uint16_t port, Asker& asker) override {
    asked++;
    last_port = port;
    askers[host] = &asker;
    if (at_once) answer(host);
  }
  void answer(const std::string& host, Duration ttl = 60s) {
    std::exchange(askers[host], nullptr)->on_answer({addresses, ttl});
  }
  void deny(const std::string& host) {
    std::exchange(askers[host], nullptr)
        ->on_answer({fail(ErrorCode::dns_not_found, host), {}});
  }
  std::map<std::string, Asker*> askers;
  bool is_custom() const override { return custom; }

  std::vector<Address> addresses = {*parse_address("10.0.0.1", 0)};
  int asked = 0;
  uint16_t last_port = 0;
  bool at_once = false;
  bool custom = false;
};

class CachingResolverTest : public testing::Test {
 protected:
  using Asking = io::Task<Result<Resolved>>;

  CachingResolverTest() { make(); }
  void make(const NameCacheOptions& options = {}) {
    auto source = std::make_unique<FakeSource>();
    source_ = source.get();
    resolver_ =
        std::make_unique<CachingResolver>(loop_, std::move(source), options);
  }
  Asking ask(const std::string& host) {
    Asking asking = resolver_->resolve(host, 80);
    asking.start();
    return asking;
  }
  // Whether it was found without asking the source.
  bool cached(const std::string& host) {
    source_->at_once = true;
    Asking asking = ask(host);
    loop_.advance(0s);
    return asking.result()->from_cache;
  }

  io::SimLoop loop_;
  FakeSource* source_ = nullptr;
  std::unique_ptr<CachingResolver> resolver_;
};

TEST_F(CachingResolverTest, ThoseWhoAskForOneNameShareAQuery) {
  Asking one = ask("a.test"), two = ask("A.Test"), other = ask("b.test");
  EXPECT_EQ(source_->asked, 2);
  source_->answer("a.test");
  EXPECT_FALSE(one.done());  // not from inside the source
  loop_.advance(0s);
  ASSERT_TRUE(one.done() && two.done());
  EXPECT_FALSE(other.done());
  for (Asking* asking : {&one, &two}) {
    const auto resolved = asking->result();
    ASSERT_TRUE(resolved.has_value());
    EXPECT_EQ(names_of(resolved->addresses), "10.0.0.1:80");
    EXPECT_EQ(resolved->from_cache, asking == &two);
  }
}

TEST_F(CachingResolverTest, AnswersHoldForTheirTtl) {
  Asking asking = ask("a.test");
  source_->answer("a.test", 60s);
  loop_.advance(59s);
  EXPECT_TRUE(cached("a.test"));
  loop_.advance(1s);
  EXPECT_FALSE(cached("a.test"));
  EXPECT_EQ(source_->asked, 2);
}

TEST_F(CachingResolverTest, ATtlOfZeroHoldsForASecond) {
  Asking asking = ask("a.test");
  source_->answer("a.test", 0s);
  loop_.advance(999ms);
  EXPECT_TRUE(cached("a.test"));
  loop_.advance(1ms);
  EXPECT_FALSE(cached("a.test"));
}

TEST_F(CachingResolverTest, FailuresAreNotKept) {
  for (int i = 1; i <= 2; i++) {
    Asking asking = ask("a.test");
    EXPECT_EQ(source_->asked, i);
    source_->deny("a.test");
    loop_.advance(0s);
    EXPECT_EQ(asking.result().error().code, ErrorCode::dns_not_found);
  }
}

TEST_F(CachingResolverTest, TheCacheIsBounded) {
  make({.names_max = 2});
  for (const char* host : {"a.test", "b.test", "c.test"}) cached(host);
  int kept = 0;
  for (const char* host : {"a.test", "b.test", "c.test"}) {
    const int before = source_->asked;
    Asking asking = ask(host);
    if (source_->asked == before) kept++;
  }
  EXPECT_LE(kept, 2);
}

TEST_F(CachingResolverTest, WhatWasNotUsedForTheLongestIsForgotten) {
  make({.names_max = 2});
  for (const char* host : {"a.test", "b.test"}) EXPECT_FALSE(cached(host));
  EXPECT_TRUE(cached("a.test"));
  EXPECT_FALSE(cached("c.test"));  // in the place of b
  EXPECT_TRUE(cached("a.test"));
  EXPECT_TRUE(cached("c.test"));
  EXPECT_FALSE(cached("b.test"));
}

TEST_F(CachingResolverTest, AnswersMayHoldForATimeThatIsGiven) {
  make({.by_ttl = false, .lifetime = 10s});
  Asking asking = ask("a.test");
  source_->answer("a.test", 60s);
  loop_.advance(9s);
  EXPECT_TRUE(cached("a.test"));
  loop_.advance(1s);
  EXPECT_FALSE(cached("a.test"));
}

TEST_F(CachingResolverTest, AnswersMayHoldForEver) {
  make({.by_ttl = false});
  Asking asking = ask("a.test");
  source_->answer("a.test", 1s);
  loop_.advance(24h * 365);
  EXPECT_TRUE(cached("a.test"));
}

TEST_F(CachingResolverTest, WithoutACacheEachIsAskedForAnew) {
  make({.names_max = 0});
  Asking one = ask("a.test"), two = ask("a.test");
  EXPECT_EQ(source_->asked, 2);
  EXPECT_FALSE(cached("a.test"));
}

TEST_F(CachingResolverTest, WhatIsKeptMayBeForgotten) {
  for (const char* host : {"a.test", "b.test"}) cached(host);
  resolver_->forget("a.test", 80);
  EXPECT_FALSE(cached("a.test"));
  EXPECT_TRUE(cached("b.test"));
  resolver_->forget_all();
  EXPECT_FALSE(cached("b.test"));
}

TEST_F(CachingResolverTest, TheAddressesOfANameMayTakeTurns) {
  make({.rotates = true});
  source_->addresses = {*parse_address("10.0.0.1", 0),
                        *parse_address("10.0.0.2", 0)};
  source_->at_once = true;
  std::vector<std::string> seen;
  for (int i = 0; i < 3; i++) {
    Asking asking = ask("a.test");
    loop_.advance(0s);
    seen.push_back(names_of(asking.result()->addresses));
  }
  EXPECT_EQ(seen, (std::vector<std::string>{"10.0.0.1:80 10.0.0.2:80",
                                            "10.0.0.2:80 10.0.0.1:80",
                                            "10.0.0.1:80 10.0.0.2:80"}));
}

TEST_F(CachingResolverTest, ACustomSourceIsAskedForAnyNameAndSaysThePort) {
  source_->custom = true;
  source_->addresses = {*parse_address("10.0.0.1", 8080)};
  Asking http = ask("x.invalid");
  EXPECT_EQ(source_->last_port, 80);
  source_->answer("x.invalid");
  loop_.advance(0s);
  EXPECT_EQ(names_of(http.result()->addresses), "10.0.0.1:8080");
  Asking https = resolver_->resolve("x.invalid", 443);
  https.start();
  EXPECT_EQ(source_->last_port, 443);
}

TEST_F(CachingResolverTest, WhoAsksMayGoAwayAtAnyTime) {
  Asking before = ask("a.test"), between = ask("a.test"), stays = ask("a.test");
  before = {};
  source_->answer("a.test");
  between = {};
  loop_.advance(0s);
  EXPECT_TRUE(stays.done());
  // All of them: the answer is still kept.
  ask("b.test") = {};
  source_->answer("b.test");
  loop_.advance(0s);
  EXPECT_TRUE(cached("b.test"));
}

TEST_F(CachingResolverTest, WhoIsToldMayCancelTheOthers) {
  const auto cancel = [&](Asking own, Asking& other) -> io::Task<> {
    co_await std::move(own);
    other = {};
  };
  Asking second;
  io::Task<> first = cancel(resolver_->resolve("a.test", 80), second);
  first.start();
  second = ask("a.test");
  source_->answer("a.test");
  loop_.advance(0s);
  EXPECT_TRUE(first.done());
  EXPECT_FALSE(second);
}

TEST_F(CachingResolverTest, MayBeDestroyedWhileAsking) {
  {
    Asking asking = ask("a.test");
  }
  resolver_.reset();
  loop_.advance(0s);
}

TEST_F(CachingResolverTest, NamesThatCannotExistAreNotAskedFor) {
  for (const char* host : {"", "invalid", "x.invalid", "x.INVALID."}) {
    Asking asking = ask(host);
    ASSERT_TRUE(asking.done()) << host;
    EXPECT_EQ(asking.result().error().code, ErrorCode::dns_not_found);
  }
  EXPECT_EQ(source_->asked, 0);
}

// A name server on loopback that knows a few names. What it does not know does
// not exist; what it is to be silent about, it is.
class NameServer final : private io::Watcher {
 public:
  struct Record {
    uint16_t type;  // 1 A, 5 CNAME, 28 AAAA
    uint32_t ttl;
    std::string data;  // an address, or a name
  };
  explicit NameServer(io::Loop& loop)
      : loop_(loop), socket_(bound(SOCK_DGRAM)) {
    EXPECT_TRUE(loop_.watch(socket_.get(), *this).has_value());
  }
  ~NameServer() { loop_.unwatch(socket_.get(), *this); }

  std::string address() const { return address_of(socket_.get()).to_string(); }
  // Its records; where a name has no entry it does not exist.
  std::map<std::string, std::vector<Record>> names;
  std::string failing = "fail.test.";  // SERVFAIL
  std::string silent = "silent.test.";
  int asked = 0;

 private:
  static std::string to_wire(uint16_t v) {
    return {static_cast<char>(v >> 8), static_cast<char>(v)};
  }
  static std::string to_wire(const std::string& name) {  // "a.test."
    std::string wire;
    for (size_t at = 0; at < name.size();) {
      const size_t dot = name.find('.', at);
      wire += static_cast<char>(dot - at);
      wire += name.substr(at, dot - at);
      at = dot + 1;
    }
    return wire + '\0';
  }
  static std::string data_of(const Record& record) {
    if (record.type == 5) return to_wire(record.data);
    char bytes[16];
    const bool v4 = record.type == 1;
    inet_pton(v4 ? AF_INET : AF_INET6, record.data.c_str(), bytes);
    return {bytes, v4 ? 4u : 16u};
  }

  void on_ready(uint32_t) override {
    for (;;) {
      char bytes[512];
      Address from;
      from.size = sizeof from.storage;
      auto* peer = reinterpret_cast<sockaddr*>(&from.storage);
      const ssize_t got = recvfrom(socket_.get(), bytes, sizeof bytes,
                                   MSG_DONTWAIT, peer, &from.size);
      if (got < 12) return;
      const std::string answer = answer_to({bytes, size_t(got)});
      if (!answer.empty())
        sendto(socket_.get(), answer.data(), answer.size(), 0, peer, from.size);
    }
  }

  std::string answer_to(const std::string& query) {
    asked++;
    std::string name;
    size_t at = 12;
    for (; query.at(at) != 0; at += size_t(query[at]) + 1)
      name += query.substr(at + 1, size_t(query[at])) + '.';
    const uint16_t type = uint16_t(query.at(at + 2));
    const std::string question = query.substr(12, at + 5 - 12);
    if (name == silent) return {};

    std::string answers;
    uint16_t count = 0;
    const auto known = names.find(name);
    if (known != names.end()) {
      std::string owner = name;
      for (const Record& record : known->second) {
        if (record.type != type && record.type != 5) continue;
        const std::string data = data_of(record);
        answers += to_wire(owner) + to_wire(record.type) +
                   to_wire(uint16_t{1}) + to_wire(uint16_t(record.ttl >> 16)) +
                   to_wire(uint16_t(record.ttl)) +
                   to_wire(uint16_t(data.size())) + data;
        count++;
        if (record.type == 5) owner = record.data;
      }
    }
    uint16_t flags = 0x8180;
    if (name == failing)
      flags |= 2;
    else if (known == names.end())
      flags |= 3;
    return query.substr(0, 2) + to_wire(flags) + to_wire(uint16_t{1}) +
           to_wire(count) + to_wire(uint16_t{0}) + to_wire(uint16_t{0}) +
           question + answers;
  }

  io::Loop& loop_;
  Fd socket_;
};

class Asked final : public NameSource::Asker {
 public:
  void on_answer(NameAnswer given) override { answer = std::move(given); }
  std::optional<NameAnswer> answer;
};

class CaresSourceTest : public LoopTest {
 protected:
  CaresSourceTest() : server_(*loop_) {}

  std::unique_ptr<CaresSource> source(
      std::optional<Duration> timeout = std::nullopt) {
    return std::make_unique<CaresSource>(
        *loop_, CaresOptions{server_.address(), timeout, 1});
  }
  NameAnswer look_up(CaresSource& source, const std::string& host) {
    Asked asked;
    source.look_up(host, 0, asked);
    EXPECT_TRUE(turn_until([&] { return asked.answer.has_value(); }));
    return std::move(*asked.answer);
  }

  NameServer server_;
};

TEST_F(CaresSourceTest, FindsAddressesOfBothFamilies) {
  server_.names["both.test."] = {
      {1, 60, "127.0.0.1"}, {1, 50, "127.0.0.2"}, {28, 70, "::1"}};
  const auto cares = source();
  const NameAnswer answer = look_up(*cares, "both.test");
  ASSERT_TRUE(answer.addresses.has_value());
  const std::string found = names_of(*answer.addresses);
  EXPECT_EQ(answer.addresses->size(), 3u);
  for (const char* address : {"127.0.0.1:0", "127.0.0.2:0", "[::1]:0"})
    EXPECT_NE(found.find(address), std::string::npos) << found;
  EXPECT_EQ(answer.ttl, 50s);  // the shortest
}

TEST_F(CaresSourceTest, FollowsAliasesWhoseTtlCountsToo) {
  server_.names["alias.test."] = {{5, 7, "real.test."}, {1, 60, "127.0.0.1"}};
  const auto cares = source();
  const NameAnswer answer = look_up(*cares, "alias.test");
  ASSERT_TRUE(answer.addresses.has_value());
  EXPECT_EQ(names_of(*answer.addresses), "127.0.0.1:0");
  EXPECT_EQ(answer.ttl, 7s);
}

TEST_F(CaresSourceTest, SaysWhyThereIsNone) {
  server_.names["empty.test."] = {};
  struct Row {
    const char* host;
    const char* message;
  };
  const auto cares = source();
  for (const Row& row :
       {Row{"nosuch.test",
            "dns_not_found: look up 'nosuch.test': no such name"},
        {"empty.test",
         "dns_not_found: look up 'empty.test': the name has no "
         "address"}}) {
    const NameAnswer answer = look_up(*cares, row.host);
    ASSERT_FALSE(answer.addresses.has_value()) << row.host;
    EXPECT_EQ(answer.addresses.error().message(), row.message);
  }
  const auto hasty = source(20ms);
  const NameAnswer none = look_up(*hasty, "silent.test");
  ASSERT_FALSE(none.addresses.has_value());
  EXPECT_EQ(none.addresses.error().message(),
            "dns_timeout: look up 'silent.test': no name server has answered");
  const NameAnswer failed = look_up(*cares, "fail.test");
  ASSERT_FALSE(failed.addresses.has_value());
  EXPECT_EQ(failed.addresses.error().code, ErrorCode::dns_failed);
}

TEST_F(CaresSourceTest, LocalhostNeedsNoServer) {
  const auto cares = source();
  for (const char* host : {"localhost", "any.localhost"}) {
    const NameAnswer answer = look_up(*cares, host);
    ASSERT_TRUE(answer.addresses.has_value()) << host;
    for (const Address& address : *answer.addresses) {
      const std::string text = address.to_string();
      EXPECT_TRUE(text == "127.0.0.1:0" || text == "[::1]:0") << text;
    }
  }
  EXPECT_EQ(server_.asked, 0);
}

TEST_F(CaresSourceTest, OpensNothingBeforeItIsAsked) {
  const size_t before = open_descriptors();
  const auto cares = source();
  EXPECT_EQ(open_descriptors(), before);
}

TEST_F(CaresSourceTest, MayBeDestroyedWhileAsking) {
  const size_t before = open_descriptors();
  for (int turns = 0; turns < 3; turns++) {
    Asked asked;
    auto cares = source();
    cares->look_up("silent.test", 0, asked);
    for (int i = 0; i < turns; i++) loop_->turn(1ms);
    cares.reset();
    EXPECT_FALSE(asked.answer);
    EXPECT_EQ(open_descriptors(), before);
    loop_->turn(0s);
  }
}

TEST_F(CaresSourceTest, ManyNamesAtOnce) {
  const auto cares = source();
  std::vector<Asked> asked(100);
  for (size_t i = 0; i < asked.size(); i++) {
    const std::string host = "h" + std::to_string(i) + ".test";
    server_.names[host + "."] = {{1, 60, "127.0.0.1"}};
    cares->look_up(host, 0, asked[i]);
  }
  EXPECT_TRUE(turn_until([&] {
    return std::ranges::all_of(
        asked, [](const Asked& a) { return a.answer.has_value(); });
  }));
  for (const Asked& one : asked) EXPECT_TRUE(one.answer->addresses.has_value());
}

class ThreadSourceTest : public LoopTest {
 protected:
  // Whatever was in progress, the threads let go of what they share.
  void TearDown() override {
    EXPECT_TRUE(turn_until([&] { return open_descriptors() == before_; }));
  }
  const size_t before_ = open_descriptors();
};

TEST_F(ThreadSourceTest, AsksTheSystem) {
  ThreadSource source(*loop_);
  std::vector<Asked> asked(20);
  for (Asked& one : asked) source.look_up("localhost", 0, one);
  ASSERT_TRUE(turn_until([&] {
    return std::ranges::all_of(
        asked, [](const Asked& a) { return a.answer.has_value(); });
  }));
  for (const Asked& one : asked) {
    ASSERT_TRUE(one.answer->addresses.has_value());
    EXPECT_FALSE(one.answer->addresses->empty());
  }
}

TEST_F(ThreadSourceTest, SaysThatThereIsNoSuchName) {
  ThreadSource source(*loop_);
  Asked asked;
  source.look_up("a name with spaces", 0, asked);
  ASSERT_TRUE(turn_until([&] { return asked.answer.has_value(); }));
  ASSERT_FALSE(asked.answer->addresses.has_value());
  EXPECT_NE(asked.answer->addresses.error().detail.find("a name with spaces"),
            std::string::npos);
}

TEST_F(ThreadSourceTest, MayBeDestroyedWhileAsking) {
  for (int i = 0; i < 20; i++) {
    Asked asked;
    auto source = std::make_unique<ThreadSource>(*loop_);
    source->look_up("localhost", 0, asked);
    source.reset();
    loop_->turn(0s);
    EXPECT_FALSE(asked.answer);
  }
}

TEST_F(ThreadSourceTest, ResolvesThroughTheCache) {
  CachingResolver resolver(*loop_, std::make_unique<ThreadSource>(*loop_));
  EXPECT_FALSE(wait(resolver.resolve("localhost", 80))->from_cache);
  EXPECT_TRUE(wait(resolver.resolve("localhost", 81))->from_cache);
}

class ResolverTest : public LoopTest {};

TEST_F(ResolverTest, OfThisMachineKnowsLocalhost) {
  const auto resolver = Resolver::create(*loop_);
  const auto resolved = wait(resolver->resolve("localhost", 80));
  ASSERT_TRUE(resolved.has_value()) << resolved.error().message();
  EXPECT_NE(names_of(resolved->addresses).find("127.0.0.1:80"),
            std::string::npos);
}

}  // namespace
}  // namespace molotov::net
