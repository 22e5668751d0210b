#include "target/identity.h"

#include <utility>

namespace molotov::target {

namespace {

constexpr std::string_view kAuthorityName = "molotarget test authority";

Result<net::Identity> issue(const net::Identity& authority,
                            const std::string& name, CertificateKind kind) {
  switch (kind) {
    case CertificateKind::self_signed:
      return net::make_authority(name);
    case CertificateKind::wrong_host:
      return net::issue(authority, {"wrong.example"});
    case CertificateKind::expired:
      return net::issue(authority, {name, "127.0.0.1", "::1"},
                        {.not_before = WallClock::now() - 48h,
                         .not_after = WallClock::now() - 1h});
    case CertificateKind::good:
      break;
  }
  return net::issue(authority, {name, "127.0.0.1", "::1"});
}

}  // namespace

Result<TlsIdentity> make_identity(const std::string& name,
                                  CertificateKind kind) {
  auto authority = net::make_authority(kAuthorityName);
  if (!authority) return std::unexpected(std::move(authority.error()));
  auto server = issue(*authority, name, kind);
  if (!server) return std::unexpected(std::move(server.error()));
  return TlsIdentity{std::move(authority->certificate_pem), std::move(*server)};
}

}  // namespace molotov::target
