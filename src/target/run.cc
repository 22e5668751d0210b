#include "target/run.h"

#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include <cstdio>
#include <optional>
#include <vector>

#include "io/signals.h"
#include "net/listener.h"
#include "target/identity.h"
#include "target/processes.h"
#include "target/server.h"
#include "target/temporary_file.h"

namespace molotov::target {

namespace {

// Of each process: 64 MiB, when all are there.
constexpr size_t kTruthAnswersMax = 8 << 20;

// What was made before any process was forked.
struct Setup {
  std::vector<Fd> sockets;  // one a process, or one that they share
  Access access;
  std::optional<TlsIdentity> identity;
  TemporaryFile authority_file;
  TemporaryFile unix_file;
};

// A connection takes a descriptor, so have as many as we may.
void raise_descriptor_limit() {
  rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

// A path as the host of a URL.
std::string percent_encode(std::string_view path) {
  std::string encoded;
  for (const char c : path) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                       (c >= '0' && c <= '9') ||
                       std::string_view("-._~").find(c) != std::string::npos;
    encoded += plain ? std::string(1, c)
                     : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return encoded;
}

Result<> listen_at_path(const Options& options, Setup& setup) {
  auto socket = net::listen_unix(options.unix_path);
  if (!socket) return std::unexpected(std::move(socket.error()));
  setup.unix_file = TemporaryFile::adopt(options.unix_path);
  setup.sockets.push_back(std::move(*socket));
  setup.access.url =
      fmt::format("{}+unix://{}/", options.tls ? "https" : "http",
                  percent_encode(options.unix_path));
  return {};
}

// Sockets that share a port never find it taken, so one that does not asks
// first; the port that it got is then everyone's.
Result<> listen_at_port(const Options& options, Setup& setup) {
  auto address = net::parse_address(options.host, options.port);
  if (!address) return std::unexpected(std::move(address.error()));
  auto first = net::listen_tcp(*address);
  if (!first) return std::unexpected(std::move(first.error()));
  auto bound = net::local_address(first->get());
  if (!bound) return std::unexpected(std::move(bound.error()));
  setup.access.url = fmt::format("{}://{}/", options.tls ? "https" : "http",
                                 bound->to_string());
  if (options.processes == 1) {
    setup.sockets.push_back(std::move(*first));
    return {};
  }
  first->reset();
  for (unsigned i = 0; i < options.processes; i++) {
    auto socket = net::listen_tcp(*bound, net::PortUse::shared);
    if (!socket) return std::unexpected(std::move(socket.error()));
    setup.sockets.push_back(std::move(*socket));
  }
  return {};
}

Result<> prepare_tls(const Options& options, const std::string& directory,
                     Setup& setup) {
  auto identity = make_identity(options.name, options.certificate);
  if (!identity) return std::unexpected(std::move(identity.error()));
  auto file = TemporaryFile::create(directory, identity->authority_pem);
  if (!file) return std::unexpected(std::move(file.error()));
  setup.identity = std::move(*identity);
  setup.authority_file = std::move(*file);
  setup.access.authority_file = setup.authority_file.path();
  return {};
}

Result<> prepare(const Options& options, const std::string& directory,
                 Setup& setup) {
  auto done = options.unix_path.empty() ? listen_at_port(options, setup)
                                        : listen_at_path(options, setup);
  if (done && options.tls) done = prepare_tls(options, directory, setup);
  return done;
}

// Serves with the socket of this process until a signal comes.
Result<> serve(Setup& setup, const Share& share, uint64_t seed,
               const std::function<void()>& on_started) {
  auto loop = io::EpollLoop::create();
  if (!loop) return std::unexpected(std::move(loop.error()));
  std::unique_ptr<net::TlsContext> tls;
  if (setup.identity) {
    auto made = net::TlsContext::server(setup.identity->server.certificate_pem,
                                        setup.identity->server.key_pem);
    if (!made) return std::unexpected(std::move(made.error()));
    tls = std::move(*made);
  }
  Fd socket = std::move(setup.sockets[share.process % setup.sockets.size()]);
  // What the kernel deals to a socket that nobody accepts from is lost.
  setup.sockets.clear();
  auto server = Server::create(**loop, std::move(socket), tls.get(), share,
                               seed + share.process);
  if (!server) return std::unexpected(std::move(server.error()));
  // What is delayed is answered when it is due, not 50 us later.
  prctl(PR_SET_TIMERSLACK, 1);
  const auto signals = io::Signals::create(**loop, {SIGINT, SIGTERM, SIGHUP},
                                           [&](int) { (*loop)->stop(); });
  if (!signals) return std::unexpected(signals.error());
  on_started();
  (*loop)->run();
  return {};
}

}  // namespace

Result<> run(const Options& options, const std::string& temporary_directory,
             const std::function<void(const Access&)>& on_ready) {
  Setup setup;
  hold_signals();
  raise_descriptor_limit();
  if (auto done = prepare(options, temporary_directory, setup); !done)
    return done;
  auto page = CounterPage::create(options.processes);
  if (!page) return std::unexpected(std::move(page.error()));
  auto truth =
      Truth::create(options.processes, options.truth ? kTruthAnswersMax : 0);
  if (!truth) return std::unexpected(std::move(truth.error()));
  if (options.processes == 1)
    return serve(setup, {*page, *truth, 0}, options.seed,
                 [&] { on_ready(setup.access); });

  Children children;
  const auto role = children.fork_all(options.processes);
  if (!role) return std::unexpected(role.error());
  if (*role) return serve(setup, {*page, *truth, **role}, options.seed, [] {});
  // The kernel keeps what comes for the children until they accept it.
  setup.sockets.clear();
  on_ready(setup.access);
  return children.wait();
}

}  // namespace molotov::target
