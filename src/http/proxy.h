// Requests through an HTTP proxy: passed on by it (http), or through a tunnel
// that it makes with CONNECT (https; RFC 9110 section 9.3.6).
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/error.h"
#include "io/epoll_loop.h"
#include "io/task.h"
#include "net/connect.h"
#include "net/stream.h"

namespace molotov::http {

struct Origin;  // exchange.h
struct Url;     // url.h

// A proxy, and how it is spoken to. Interned in a Context: two are the same
// when their addresses are, and share connections only then.
struct Proxy {
  net::HostPort address;
  net::TlsPeer tls = {};
  // Whole field lines with their CRLF: of a CONNECT, no Host; and of each
  // request that it passes on.
  std::string connect_fields = {};
  std::string forward_fields = {};
  bool operator==(const Proxy&) const = default;
};

// How TLS is spoken where a URL asks for it.
struct Security {
  bool verify = true;  // the certificate, by the context's own TLS
  const net::TlsClient* client = nullptr;  // in its place; outlives the context
  std::string_view server_name = {};       // of origins; "": that of their URLs
  std::string_view fingerprint = {};       // as of net::TlsPeer
};
inline constexpr Security kDefaultSecurity;

// The way to an origin where it is not simply its own address.
struct Route {
  std::string_view unix_path = {};  // not empty: a Unix socket
  const Proxy* proxy = nullptr;
};

struct Way {
  Route route = {};
  // A field line for a request that has no Authorization; "" for none.
  std::string_view authorization = {};
};

// Says how each redirected hop goes, where that depends on its URL.
class Router {
 public:
  virtual ~Router() = default;
  // What the views refer to lasts until the next call.
  virtual Result<Way> way_to(const Url& url) = 0;
};

// Whether requests to it are sent in absolute form, for the proxy to pass on.
bool is_forwarded(const Origin& origin);

// What came of a proxy.
struct ProxyAnswer {
  bool reached = false;   // there is a connection to it, TLS included
  std::string head = {};  // of its answer, where that refuses the tunnel
};

// Connects to the origin by way of its proxy. `host` is what a CONNECT's Host
// field says. Fails with what Connector::connect() fails with;
// http_proxy_refused, when `answer` has the head; or what reading a head fails
// with. Destroying the task cancels it and closes the connection. All
// references outlive it. REQUIRES: the origin has a proxy.
io::Task<Result<std::unique_ptr<net::Stream>>> connect_through_proxy(
    io::EpollLoop& loop, net::Connector& connector, const Origin& origin,
    std::string host, net::ConnectTimings& timings, ProxyAnswer& answer);

}  // namespace molotov::http
