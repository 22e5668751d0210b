// TLS over another stream, by OpenSSL.
//
// Kernel receive stamps come through: a read's arrival is the stamp of the
// bytes that completed its TLS record. An idle stream keeps no buffers.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/error.h"
#include "io/epoll_loop.h"
#include "io/task.h"
#include "net/stream.h"
#include "net/tls_context.h"

namespace molotov::net {

enum class TlsRole : uint8_t { client, server };

// Shakes hands, and returns the stream. A client sends `server_name` as SNI
// (unless it is an address), requires the certificate to be for it where the
// context verifies, and resumes an earlier session with (server_name, port); a
// server takes "" and 0.
//
// Fails with tls_*, with a detail that names the host and port. Destroying the
// task cancels it. `loop` and `context` must outlive the stream.
//
// A peer that closes without close_notify has `closed` like one that sent it:
// HTTP's own framing tells what was cut off, and many servers never send it.
io::Task<Result<std::unique_ptr<Stream>>> tls_handshake(
    io::EpollLoop& loop, std::unique_ptr<Stream> transport,
    const TlsContext& context, TlsRole role, std::string server_name,
    uint16_t port);

}  // namespace molotov::net
