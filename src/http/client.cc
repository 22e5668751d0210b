#include "http/client.h"

#include <functional>

#include "base/check.h"
#include "http/syntax.h"

namespace molotov::http {

namespace {

constexpr size_t kReadScratchBytes = 64 * 1024;

}  // namespace

std::string line_and_host_of(const Url& url, const Origin& origin,
                             std::string_view host, int minor_version) {
  const bool forwarded = is_forwarded(origin);
  std::string text = forwarded ? url.origin() + url.target : url.target;
  text += minor_version == 0 ? " HTTP/1.0\r\nHost: " : " HTTP/1.1\r\nHost: ";
  text += host;
  text += "\r\n";
  if (forwarded) text += origin.proxy->forward_fields;
  return text;
}

size_t Context::OriginHash::operator()(const Origin& origin) const {
  return std::hash<std::string>()(origin.host) * 31 + origin.port +
         std::hash<const void*>()(origin.tls.client) +
         std::hash<std::string>()(origin.unix_path) +
         std::hash<const void*>()(origin.proxy);
}

size_t Context::ProxyHash::operator()(const Proxy& proxy) const {
  const std::hash<std::string> hash;
  return hash(proxy.address.host) * 31 + proxy.address.port +
         hash(proxy.connect_fields);
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

Result<net::TlsPeer> Context::peer_of(const Security& security) {
  net::TlsPeer peer{.client = security.client,
                    .server_name = std::string(security.server_name),
                    .fingerprint = std::string(security.fingerprint)};
  if (!peer.client) {
    auto own = tls(security.verify);
    if (!own) return std::unexpected(own.error());
    peer.client = *own;
  }
  return peer;
}

Result<const Origin*> Context::origin_of(const Url& url,
                                         const Security& security,
                                         const Route& route) {
  Origin origin{.host = url.host,
                .port = url.port,
                .tls = {},
                .unix_path = std::string(route.unix_path),
                .proxy = route.proxy};
  if (url.is_https()) {
    auto peer = peer_of(security);
    if (!peer) return std::unexpected(peer.error());
    origin.tls = std::move(*peer);
  }
  return &*origins_.insert(std::move(origin)).first;
}

Result<Target> Context::make_target(Url url, const Security& security,
                                    const Route& route) {
  auto origin = origin_of(url, security, route);
  if (!origin) return std::unexpected(origin.error());
  Target target;
  target.origin = *origin;
  target.line_and_host = line_and_host_of(url, **origin, url.authority());
  target.url = std::move(url);
  return target;
}

Result<const Proxy*> Context::intern(Proxy proxy, bool tls,
                                     const Security& security) {
  proxy.tls = {};
  if (tls) {
    auto peer = peer_of(security);
    if (!peer) return std::unexpected(peer.error());
    proxy.tls = std::move(*peer);
    proxy.tls.server_name.clear();
  }
  return &*proxies_.insert(std::move(proxy)).first;
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
    : context_(context),
      observer_(observer),
      own_pool_(std::make_unique<Pool>(context, PoolOptions{})),
      pool_(own_pool_.get()) {}

Client::~Client() {
  CHECK(under_way_ == 0);
}

Exchange& Client::start(const RequestParts& parts,
                        const ExchangeOptions& options,
                        ExchangeListener* listener, Duration late) {
  Exchange& exchange = context_.acquire();
  exchange.start(*this, parts, options, listener, late);
  return exchange;
}

CookieJar& Client::cookies() {
  if (cookies_) return *cookies_;
  if (!own_cookies_) own_cookies_ = std::make_unique<CookieJar>();
  if (!cookies_off_) cookies_ = own_cookies_.get();
  return *own_cookies_;
}

std::string Client::cookies_for(const Url& url, std::string_view own) {
  return keeper_ ? keeper_->header_for(url, own)
                 : cookies().header_for(url, context_.loop().wall_now(), own);
}

void Client::keep_cookies(const Url& url, std::span<const Field> fields) {
  if (cookies_off_) return;
  if (keeper_) return keeper_->store(url, fields);
  for (const Field& field : fields)
    if (equals_ignoring_case(field.name, "set-cookie"))
      cookies().store(field.value, url, context_.loop().wall_now());
}

void Client::set_cookies_off() {
  cookies_off_ = true;
  cookies_ = nullptr;
  keeper_ = nullptr;
}

void Client::set_cookies(CookieJar& jar) {
  take_cookies();
  cookies_ = &jar;
}

void Client::set_cookies(CookieKeeper& keeper) {
  take_cookies();
  keeper_ = &keeper;
}

std::unique_ptr<CookieJar> Client::take_cookies() {
  cookies_off_ = false;
  cookies_ = nullptr;
  keeper_ = nullptr;
  return std::move(own_cookies_);
}

void Client::set_pool(Pool& pool) {
  if (pool_ == own_pool_.get()) own_pool_->give_idle_to(pool);
  pool_ = &pool;
}

}  // namespace molotov::http
