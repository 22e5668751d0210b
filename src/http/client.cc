#include "http/client.h"

#include <algorithm>
#include <functional>

#include "base/check.h"

namespace molotov::http {

namespace {

constexpr size_t kReadScratchBytes = 64 * 1024;
// As aiohttp's connector: an idle connection is not used again after this.
constexpr Duration kKeepAlive = 15s;

}  // namespace

size_t Context::OriginHash::operator()(const Origin& origin) const {
  return std::hash<std::string>()(origin.host) * 31 + origin.port +
         std::hash<const void*>()(origin.tls) +
         std::hash<std::string>()(origin.unix_path);
}

Context::Context(io::EpollLoop& loop, net::Connector& connector,
                 net::TlsClientOptions tls)
    : loop_(loop),
      connector_(connector),
      tls_options_(std::move(tls)),
      read_scratch_(std::make_unique_for_overwrite<char[]>(kReadScratchBytes)) {
}

Context::~Context() = default;

Result<const net::TlsContext*> Context::tls(bool verify) {
  auto& context = verify ? verifying_tls_ : trusting_tls_;
  if (!context) {
    net::TlsClientOptions options = tls_options_;
    options.verify = options.verify && verify;
    auto made = net::TlsContext::client(options);
    if (!made) return std::unexpected(made.error());
    context = std::move(*made);
  }
  return context.get();
}

Result<const Origin*> Context::origin_of(const Url& url, bool verify,
                                         std::string_view unix_path) {
  Origin origin{.host = url.host,
                .port = url.port,
                .tls = nullptr,
                .unix_path = std::string(unix_path)};
  if (url.is_https()) {
    auto context = tls(verify);
    if (!context) return std::unexpected(context.error());
    origin.tls = *context;
  }
  return &*origins_.insert(std::move(origin)).first;
}

Result<Target> Context::make_target(Url url, bool verify,
                                    std::string_view unix_path) {
  auto origin = origin_of(url, verify, unix_path);
  if (!origin) return std::unexpected(origin.error());
  Target target;
  target.origin = *origin;
  target.line_and_host =
      url.target + " HTTP/1.1\r\nHost: " + url.authority() + "\r\n";
  target.url = std::move(url);
  return target;
}

Exchange& Context::acquire() {
  if (spare_exchanges_.empty()) {
    exchanges_.push_back(std::make_unique<Exchange>(*this));
    return *exchanges_.back();
  }
  Exchange& exchange = *spare_exchanges_.back();
  spare_exchanges_.pop_back();
  return exchange;
}

void Context::give_back(Exchange& exchange) {
  spare_exchanges_.push_back(&exchange);
}

void Context::bury(std::unique_ptr<Connection> connection) {
  if (!connection) return;
  connection->abandon();
  graveyard_.dead.push_back(std::move(connection));
  loop_.post(graveyard_);
}

Client::Client(Context& context, ExchangeObserver* observer)
    : context_(context), observer_(observer) {}

Client::~Client() {
  CHECK(under_way_ == 0);
}

Exchange& Client::start(const RequestParts& parts,
                        const ExchangeOptions& options,
                        ExchangeListener* listener) {
  Exchange& exchange = context_.acquire();
  exchange.start(*this, parts, options, listener);
  return exchange;
}

CookieJar& Client::cookies() {
  if (!cookies_) cookies_ = std::make_unique<CookieJar>();
  return *cookies_;
}

void Client::close_idle() {
  for (auto& connection : idle_) context_.bury(std::move(connection));
  idle_.clear();
}

std::unique_ptr<Connection> Client::take(const Origin& origin) {
  const Instant oldest = context_.loop().now() - kKeepAlive;
  for (size_t i = idle_.size(); i-- > 0;) {
    if (&idle_[i]->origin() != &origin) continue;
    auto connection = std::move(idle_[i]);
    idle_.erase(idle_.begin() + static_cast<std::ptrdiff_t>(i));
    connection->leave_pool();
    if (connection->idle_since() >= oldest) return connection;
    context_.bury(std::move(connection));
  }
  return nullptr;
}

void Client::put_back(std::unique_ptr<Connection> connection) {
  connection->set_idle_owner(this, context_.loop().now());
  idle_.push_back(std::move(connection));
}

void Client::on_idle_closed(Connection& connection) {
  const auto at =
      std::find_if(idle_.begin(), idle_.end(),
                   [&](const auto& idle) { return idle.get() == &connection; });
  CHECK(at != idle_.end());
  context_.bury(std::move(*at));
  idle_.erase(at);
}

}  // namespace molotov::http
