// The server's certificate, and the authority that clients are to trust.
#pragma once

#include <string>

#include "base/error.h"
#include "net/certificate.h"
#include "target/options.h"

namespace molotov::target {

struct TlsIdentity {
  std::string authority_pem;  // its certificate
  net::Identity server;
};

// A new authority, and a certificate for `name`, 127.0.0.1 and ::1, with the
// flaw that `kind` asks for.
Result<TlsIdentity> make_identity(const std::string& name,
                                  CertificateKind kind);

}  // namespace molotov::target
