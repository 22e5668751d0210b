// Connections to addresses, names and Unix sockets: which one is taken, what is
// said when there is none, and that giving up at any moment leaves nothing.
#include "net/connect.h"

#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/un.h>

#include <vector>

#include "net/certificate.h"
#include "net/connect_race.h"
#include "net/testing.h"
#include "net/tls_context.h"

namespace molotov::net {
namespace {

TEST(ParseConnectTo, FollowsCurlsRule) {
  struct Row {
    const char* text;
    HostPort from, to;
  };
  const Row rows[] = {
      {"a.com:80:b.com:8080", {"a.com", 80}, {"b.com", 8080}},
      {"a.com:80::8080", {"a.com", 80}, {"", 8080}},
      {"::b.com:", {"", 0}, {"b.com", 0}},
      {":::", {"", 0}, {"", 0}},
      {"a.com:443:[::1]:8443", {"a.com", 443}, {"::1", 8443}},
      {"[2001:db8::1]:80:127.0.0.1:1", {"2001:db8::1", 80}, {"127.0.0.1", 1}},
  };
  for (const Row& row : rows) {
    const auto parsed = parse_connect_to(row.text);
    ASSERT_TRUE(parsed.has_value()) << row.text;
    EXPECT_EQ(parsed->from, row.from) << row.text;
    EXPECT_EQ(parsed->to, row.to) << row.text;
  }
  for (const char* text :
       {"", "a.com", "a.com:80", "a.com:80:b.com", "a:80:b:81:", "a:80:b:81:c",
        "a:x:b:80", "a:0:b:80", "a:65536:b:80", "a:-1:b:80", "a:80:b:8 ",
        "[::1:80:b:80", "[b]:80:b:80", "[::1]80:b:80", "a:80:[::1]:80x"}) {
    const auto parsed = parse_connect_to(text);
    ASSERT_FALSE(parsed.has_value()) << text;
    EXPECT_EQ(parsed.error().code, ErrorCode::invalid_argument);
    EXPECT_EQ(parsed.error().detail,
              fmt::format("not HOST:PORT:HOST:PORT: '{}'", text));
  }
}

TEST(InterleaveFamilies, TakesTurnsBeginningWithTheFirst) {
  const auto list = [](std::initializer_list<const char*> hosts) {
    std::vector<Address> addresses;
    for (const char* host : hosts) addresses.push_back(*parse_address(host, 1));
    return addresses;
  };
  const auto names = [](const std::vector<Address>& addresses) {
    std::string all;
    for (const Address& address : addresses) all += address.to_string() + " ";
    return all;
  };
  EXPECT_EQ(names(interleave_families(
                list({"::1", "::2", "::3", "10.0.0.1", "10.0.0.2"}))),
            "[::1]:1 10.0.0.1:1 [::2]:1 10.0.0.2:1 [::3]:1 ");
  EXPECT_EQ(names(interleave_families(list({"10.0.0.1", "::1", "::2"}))),
            "10.0.0.1:1 [::1]:1 [::2]:1 ");
  EXPECT_EQ(names(interleave_families(list({"10.0.0.1", "10.0.0.2"}))),
            "10.0.0.1:1 10.0.0.2:1 ");
  EXPECT_EQ(names(interleave_families(
                list({"::1", "::2", "::3", "10.0.0.1", "10.0.0.2"}), 2)),
            "[::1]:1 [::2]:1 10.0.0.1:1 [::3]:1 10.0.0.2:1 ");
}

TEST(ConnectError, SaysWhichLimitWasReached) {
  EXPECT_EQ(connect_error(ECONNREFUSED, "x:1").code,
            ErrorCode::connect_refused);
  EXPECT_EQ(connect_error(EHOSTUNREACH, "x:1").code,
            ErrorCode::connect_unreachable);
  EXPECT_EQ(connect_error(ETIMEDOUT, "x:1").code, ErrorCode::connect_timeout);
  EXPECT_EQ(connect_error(ECONNRESET, "x:1").code, ErrorCode::connect_failed);
  EXPECT_EQ(connect_error(EACCES, "x:1").code, ErrorCode::connect_failed);
  const Error ports = connect_error(EADDRNOTAVAIL, "x:1");
  EXPECT_EQ(ports.code, ErrorCode::limit);
  EXPECT_NE(ports.detail.find("no local port is free"), std::string::npos);
}

// Knows the names it was told; asked for another, never answers.
class FakeResolver final : public Resolver {
 public:
  io::Task<Result<Resolved>> resolve(std::string host, uint16_t) override {
    const auto found = names.find(host);
    if (found == names.end()) {
      io::Completion<int> never;
      co_await never;
    }
    co_return found->second;
  }
  std::unordered_map<std::string, Resolved> names;
};

// A listening port whose backlog is full, so that connecting to it hangs.
class Hanging {
 public:
  Hanging() : listener_(listening(0)) {
    const Address address = address_of(listener_.get());
    for (int i = 0; i < 16; i++) {
      Fd fd(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
      connect(fd.get(), reinterpret_cast<const sockaddr*>(&address.storage),
              address.size);
      fillers_.push_back(std::move(fd));
    }
  }
  Address address() const { return address_of(listener_.get()); }
  uint16_t port() const { return port_of(listener_.get()); }

 private:
  Fd listener_;
  std::vector<Fd> fillers_;
};

class ConnectTest : public LoopTest {
 protected:
  Result<std::unique_ptr<Stream>> connect(HostPort target,
                                          std::vector<ConnectTo> rules = {},
                                          const RaceOptions& options = {}) {
    Connector connector(*loop_, resolver_, std::move(rules), options);
    return wait(connector.connect(
        {.target = std::move(target), .unix_path = {}, .tls = {}}, timings_));
  }
  Result<std::unique_ptr<Stream>> connect_unix(std::string path) {
    Connector connector(*loop_, resolver_);
    return wait(connector.connect(unix_endpoint(std::move(path)), timings_));
  }
  static Endpoint unix_endpoint(std::string path) {
    return {
        .target = {"localhost", 80}, .unix_path = std::move(path), .tls = {}};
  }
  void name(const std::string& host, std::vector<Address> addresses,
            bool from_cache = false) {
    resolver_.names[host] = {std::move(addresses), from_cache};
  }

  FakeResolver resolver_;
  ConnectTimings timings_;
};

uint16_t peer_port(Stream& stream) {
  Address address;
  address.size = sizeof address.storage;
  getpeername(stream.fd(), reinterpret_cast<sockaddr*>(&address.storage),
              &address.size);
  sockaddr_in v4;
  std::memcpy(&v4, &address.storage, sizeof v4);
  return ntohs(v4.sin_port);
}

TEST_F(ConnectTest, ToAnAddress) {
  for (const char* host : {"127.0.0.1", "::1"}) {
    const Fd listener = listening(64, host);
    const auto stream = connect({host, port_of(listener.get())});
    ASSERT_TRUE(stream.has_value()) << stream.error().message();
    EXPECT_FALSE((*stream)->is_tls());
    EXPECT_FALSE(timings_.dns);
    EXPECT_FALSE(timings_.tls);
    ASSERT_TRUE(timings_.connect);
    EXPECT_GT(*timings_.connect, 0ns);
  }
}

TEST_F(ConnectTest, TimesTheLookupUnlessItCameFromTheCache) {
  const Fd listener = listening();
  name("fresh.test", {address_of(listener.get())});
  name("cached.test", {address_of(listener.get())}, true);
  ASSERT_TRUE(connect({"fresh.test", 80}).has_value());
  EXPECT_TRUE(timings_.dns);
  ASSERT_TRUE(connect({"cached.test", 80}).has_value());
  EXPECT_FALSE(timings_.dns);
  EXPECT_TRUE(timings_.connect);
}

TEST_F(ConnectTest, RefusedNamesAddressAndHost) {
  const Fd closed = refusing();
  const uint16_t port = port_of(closed.get());
  const auto by_address = connect({"127.0.0.1", port});
  ASSERT_FALSE(by_address.has_value());
  EXPECT_EQ(by_address.error().message(),
            fmt::format("connect_refused: connect to 127.0.0.1:{}: "
                        "Connection refused",
                        port));
  name("some.test", {address_of(closed.get())});
  const auto by_name = connect({"some.test", port});
  ASSERT_FALSE(by_name.has_value());
  EXPECT_EQ(by_name.error().detail,
            fmt::format("connect to 127.0.0.1:{} (some.test): "
                        "Connection refused",
                        port));
  EXPECT_FALSE(timings_.connect);
}

TEST_F(ConnectTest, ConnectToMapsByTheFirstRuleThatMatches) {
  const Fd listener = listening();
  const uint16_t port = port_of(listener.get());
  const auto rule = [&](const char* text) {
    return *parse_connect_to(fmt::format(fmt::runtime(text), port));
  };
  const std::vector<ConnectTo> rules = {
      rule("other.test:80:127.0.0.1:1"), rule("Example.com:80:127.0.0.1:{}"),
      rule("127.0.0.1:9::{}"), rule(":443:127.0.0.1:{}")};
  for (const HostPort& target : {HostPort{"example.COM", 80},
                                 {"127.0.0.1", 9},
                                 {"anything.test", 443}}) {
    const auto stream = connect(target, rules);
    ASSERT_TRUE(stream.has_value()) << target.host;
    EXPECT_EQ(peer_port(**stream), port);
  }
  // What it says names both.
  const auto failed = connect({"other.test", 80}, rules);
  ASSERT_FALSE(failed.has_value());
  EXPECT_EQ(failed.error().detail,
            "connect to 127.0.0.1:1 (for other.test:80): Connection refused");
}

TEST_F(ConnectTest, AnAddressThatFailsBeginsTheNext) {
  const Fd closed = refusing();
  const Fd listener = listening();
  name("some.test", {address_of(closed.get()), address_of(listener.get())});
  const auto stream = connect({"some.test", 80});
  ASSERT_TRUE(stream.has_value());
  EXPECT_EQ(peer_port(**stream), port_of(listener.get()));
}

TEST_F(ConnectTest, AnAddressThatHangsIsOvertaken) {
  const Hanging hanging;
  const Fd listener = listening();
  name("some.test", {hanging.address(), address_of(listener.get())});
  const size_t before = open_descriptors();
  const Instant began = loop_->now();
  auto stream = connect({"some.test", 80});
  ASSERT_TRUE(stream.has_value());
  EXPECT_EQ(peer_port(**stream), port_of(listener.get()));
  EXPECT_GE(loop_->now() - began, *RaceOptions().next_after);
  // What it took is the winner's time, without the wait for the loser.
  EXPECT_LT(*timings_.connect, loop_->now() - began);
  EXPECT_EQ(open_descriptors(), before + 1);
}

TEST_F(ConnectTest, OneMayBeTriedOnlyOnceTheOneBeforeHasFailed) {
  const Hanging hanging;
  const Fd listener = listening();
  name("some.test", {hanging.address(), address_of(listener.get())});
  Connector connector(*loop_, resolver_, {}, {.next_after = {}});
  auto task = connector.connect(
      {.target = {"some.test", 80}, .unix_path = {}, .tls = {}}, timings_);
  task.start();
  loop_->turn(0ns);
  EXPECT_EQ(loop_->next_deadline(), Instant::max());
  EXPECT_FALSE(task.done());
}

TEST_F(ConnectTest, AddressesOfOneFamilyAlone) {
  const Fd listener = listening();
  name("both.test", {*parse_address("::1", 1), address_of(listener.get())});
  EXPECT_TRUE(connect({"both.test", 80}, {}, {.family = AF_INET}).has_value());
  for (const char* host : {"v4.test", "127.0.0.1"}) {
    name("v4.test", {address_of(listener.get())});
    const auto none = connect({host, 80}, {}, {.family = AF_INET6});
    ASSERT_FALSE(none.has_value());
    EXPECT_EQ(none.error().code, ErrorCode::dns_not_found);
    EXPECT_NE(none.error().detail.find("no address of IPv6"),
              std::string::npos);
  }
}

TEST_F(ConnectTest, FromALocalAddress) {
  const Fd listener = listening();
  const HostPort target{"127.0.0.1", port_of(listener.get())};
  const auto stream =
      connect(target, {}, {.local = {*parse_address("127.0.0.9", 0)}});
  ASSERT_TRUE(stream.has_value());
  EXPECT_TRUE(
      address_of((*stream)->fd()).to_string().starts_with("127.0.0.9:"));
  const auto taken =
      connect(target, {}, {.local = {address_of(listener.get())}});
  ASSERT_FALSE(taken.has_value());
  EXPECT_EQ(taken.error().sys_errno, EADDRINUSE);
  EXPECT_NE(taken.error().detail.find(" from 127.0.0.1:"), std::string::npos);
  const auto other = connect(target, {}, {.local = {*parse_address("::1", 0)}});
  ASSERT_FALSE(other.has_value());
  EXPECT_EQ(other.error().code, ErrorCode::connect_failed);
}

// Makes sockets that are marked, or says why not.
class MarkingMaker final : public SocketMaker {
 public:
  Result<Fd> make(const Address& address) override {
    made++;
    if (fails) return fail(ErrorCode::connect_custom, "no socket", 7);
    Fd fd(socket(address.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC,
                 0));
    const int bytes = 4096;
    setsockopt(fd.get(), SOL_SOCKET, SO_RCVLOWAT, &bytes, sizeof bytes);
    return fd;
  }
  int made = 0;
  bool fails = false;
};

TEST_F(ConnectTest, OnASocketOfTheCallers) {
  const Fd listener = listening();
  const HostPort target{"127.0.0.1", port_of(listener.get())};
  MarkingMaker maker;
  const auto stream = connect(target, {}, {.sockets = &maker});
  ASSERT_TRUE(stream.has_value());
  int bytes = 0;
  socklen_t size = sizeof bytes;
  getsockopt((*stream)->fd(), SOL_SOCKET, SO_RCVLOWAT, &bytes, &size);
  EXPECT_EQ(bytes, 4096);
  maker.fails = true;
  const auto failed = connect(target, {}, {.sockets = &maker});
  ASSERT_FALSE(failed.has_value());
  EXPECT_EQ(failed.error().code, ErrorCode::connect_custom);
  EXPECT_EQ(failed.error().sys_errno, 7);
  EXPECT_EQ(maker.made, 2);
}

TEST_F(ConnectTest, OfAllFailuresTheTellingOneIsReported) {
  const Fd closed = refusing();
  const Address refused = address_of(closed.get());
  // No TCP to the broadcast address: the kernel sends nothing.
  const Address unreachable = *parse_address("255.255.255.255", 1);
  const Address unusable = *parse_address("fe80::1", 1);  // of which link?
  struct Row {
    const char* host;
    std::vector<Address> addresses;
    ErrorCode code;
  };
  for (const Row& row :
       {Row{"a.test", {refused, unusable}, ErrorCode::connect_refused},
        {"b.test", {unusable, refused}, ErrorCode::connect_failed},
        {"c.test", {unreachable, refused}, ErrorCode::connect_refused},
        {"d.test", {refused, unreachable}, ErrorCode::connect_refused},
        {"e.test", {unreachable}, ErrorCode::connect_unreachable}}) {
    name(row.host, row.addresses);
    const auto stream = connect({row.host, 80});
    ASSERT_FALSE(stream.has_value()) << row.host;
    EXPECT_EQ(stream.error().code, row.code) << stream.error().message();
  }
}

TEST_F(ConnectTest, OutOfDescriptorsIsALimit) {
  const Fd listener = listening();
  const uint16_t port = port_of(listener.get());
  // What works now must fail then. (And UBSan, which checks a type with a pipe
  // the first time, has seen them all.)
  ASSERT_TRUE(connect({"127.0.0.1", port}).has_value());
  rlimit before{};
  getrlimit(RLIMIT_NOFILE, &before);
  rlimit low = before;
  // A descriptor is the lowest number that is free.
  low.rlim_cur = static_cast<rlim_t>(Fd(dup(listener.get())).get());
  setrlimit(RLIMIT_NOFILE, &low);
  const auto stream = connect({"127.0.0.1", port});
  setrlimit(RLIMIT_NOFILE, &before);
  ASSERT_FALSE(stream.has_value());
  EXPECT_EQ(stream.error().code, ErrorCode::limit);
  EXPECT_EQ(stream.error().detail,
            fmt::format("connect to 127.0.0.1:{}: Too many open files (the "
                        "limit is {}: ulimit -n)",
                        port, low.rlim_cur));
}

// A Unix socket in the test's own directory.
class ConnectUnixTest : public ConnectTest {
 protected:
  ConnectUnixTest()
      : path_(testing::TempDir() + fmt::format("net_test_{}.sock", getpid())) {
    unlink(path_.c_str());
  }
  ~ConnectUnixTest() override { unlink(path_.c_str()); }
  Fd listen_there(int backlog) {
    Fd fd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path_.copy(address.sun_path, sizeof address.sun_path - 1);
    EXPECT_EQ(0, bind(fd.get(), reinterpret_cast<sockaddr*>(&address),
                      sizeof address));
    EXPECT_EQ(0, listen(fd.get(), backlog));
    return fd;
  }
  std::string path_;
};

TEST_F(ConnectUnixTest, Connects) {
  const Fd listener = listen_there(8);
  const auto stream = connect_unix(path_);
  ASSERT_TRUE(stream.has_value()) << stream.error().message();
  EXPECT_TRUE(timings_.connect);
}

TEST_F(ConnectUnixTest, SaysWhatIsWrong) {
  const auto missing = connect_unix(path_);
  ASSERT_FALSE(missing.has_value());
  EXPECT_EQ(missing.error().message(),
            fmt::format("connect_refused: connect to {}: No such file or "
                        "directory",
                        path_));
  EXPECT_EQ(connect_unix(std::string(108, 'x')).error().code,
            ErrorCode::invalid_argument);
}

TEST_F(ConnectUnixTest, WaitsForRoomInTheBacklog) {
  const Fd listener = listen_there(0);
  const auto first = connect_unix(path_);
  ASSERT_TRUE(first.has_value());
  Connector connector(*loop_, resolver_);
  auto second = connector.connect(unix_endpoint(path_), timings_);
  second.start();
  for (int i = 0; i < 3; i++) loop_->turn(1ms);
  EXPECT_FALSE(second.done());
  const Fd accepted(accept(listener.get(), nullptr, nullptr));
  ASSERT_TRUE(turn_until([&] { return second.done(); }));
  EXPECT_TRUE(second.result().has_value());
}

TEST_F(ConnectTest, GivenUpAtAnyStageLeavesNothing) {
  const Hanging hanging;
  const Fd silent = listening();  // accepts, by the kernel, and says nothing
  const auto context = *TlsContext::client({.verify = false});
  name("hanging.test", {hanging.address(), hanging.address()});
  Connector connector(*loop_, resolver_);
  const Endpoint looking_up{{"unknown.test", 80}, {}, {}};
  const Endpoint connecting{{"hanging.test", 80}, {}, {}};
  const Endpoint shaking_hands{
      {"127.0.0.1", port_of(silent.get())}, {}, {context.get()}};
  const size_t before = open_descriptors();
  for (const Endpoint& endpoint : {looking_up, connecting, shaking_hands}) {
    for (int turns = 0; turns < 5; turns++) {
      auto task = connector.connect(endpoint, timings_);
      task.start();
      for (int i = 0; i < turns; i++) loop_->turn(1ms);
      EXPECT_FALSE(task.done());
      task = {};
      EXPECT_EQ(open_descriptors(), before);
      loop_->turn(0s);
    }
  }
}

}  // namespace
}  // namespace molotov::net
