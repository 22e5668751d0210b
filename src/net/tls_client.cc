#include "net/tls_client.h"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <sys/socket.h>

#include <array>

#include "net/resolver.h"

namespace molotov::net {

namespace {

std::string sha256(std::string_view bytes) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
  unsigned size = 0;
  EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, EVP_sha256(),
             nullptr);
  return {reinterpret_cast<const char*>(digest.data()), size};
}

std::string hex(std::string_view bytes) {
  std::string text;
  for (const char byte : bytes)
    text += fmt::format("{:02x}", static_cast<unsigned char>(byte));
  return text;
}

// "127.0.0.1:443"; the host where the other end is no address.
std::string peer_text(const Stream& stream, const std::string& host) {
  Address address;
  address.size = sizeof address.storage;
  if (getpeername(stream.fd(), reinterpret_cast<sockaddr*>(&address.storage),
                  &address.size) == 0 &&
      (address.family() == AF_INET || address.family() == AF_INET6))
    return address.to_string();
  return host;
}

Result<> check_fingerprint(const Stream& stream, const std::string& expected,
                           const std::string& host) {
  const std::string got = sha256(stream.peer_certificate());
  if (got == expected) return {};
  return fail(ErrorCode::tls_fingerprint,
              fmt::format("the certificate of {} has the SHA-256 fingerprint "
                          "{}, not {}",
                          peer_text(stream, host), hex(got), hex(expected)));
}

}  // namespace

io::Task<Result<std::unique_ptr<Stream>>> secure(
    io::EpollLoop& loop, std::unique_ptr<Stream> transport, const TlsPeer& peer,
    std::string host, uint16_t port) {
  auto stream = co_await peer.client->connect(
      loop, std::move(transport),
      peer.server_name.empty() ? host : peer.server_name, port);
  if (!stream || peer.fingerprint.empty()) co_return std::move(stream);
  auto checked = check_fingerprint(**stream, peer.fingerprint, host);
  if (!checked) co_return std::unexpected(std::move(checked.error()));
  co_return std::move(stream);
}

}  // namespace molotov::net
