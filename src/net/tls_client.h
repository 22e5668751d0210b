// A client's side of TLS, whoever provides it: OpenSSL by a TlsContext, or what
// a script has brought.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/error.h"
#include "io/epoll_loop.h"
#include "io/task.h"
#include "net/stream.h"

namespace molotov::net {

class TlsClient {
 public:
  virtual ~TlsClient() = default;

  // Shakes hands with the server at the other end, which is to be
  // `server_name`, and returns the stream. `port` tells servers of one name
  // apart. Fails with tls_*. Destroying the task cancels it. `loop` and the
  // TlsClient outlive the stream.
  virtual io::Task<Result<std::unique_ptr<Stream>>> connect(
      io::EpollLoop& loop, std::unique_ptr<Stream> transport,
      std::string server_name, uint16_t port) const = 0;
};

// How a connection is secured, and who is to be at its other end. Connections
// are shared by those only for whom all of it is the same.
struct TlsPeer {
  const TlsClient* client =
      nullptr;                   // borrowed; nullptr: plain, the rest is ""
  std::string server_name = {};  // SNI and verification; "": the host's
  std::string fingerprint =
      {};  // SHA-256 of the certificate, as bytes; "": any

  explicit operator bool() const { return client != nullptr; }
  bool operator==(const TlsPeer&) const = default;
};

// Connects to the peer, which `host` is where it has no name of its own. Fails
// as TlsClient::connect(), and with tls_fingerprint. All references outlive the
// task. REQUIRES: the peer has a client.
io::Task<Result<std::unique_ptr<Stream>>> secure(
    io::EpollLoop& loop, std::unique_ptr<Stream> transport, const TlsPeer& peer,
    std::string host, uint16_t port);

}  // namespace molotov::net
