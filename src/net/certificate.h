// Certificates made on the spot, for the built-in server and for tests: an
// authority of one's own, and what it issues. Keys are P-256.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/time.h"

namespace molotov::net {

// A certificate and its private key, as PEM texts.
struct Identity {
  std::string certificate_pem;
  std::string key_pem;
};

// From when to when a certificate holds; to the second.
struct Validity {
  WallInstant not_before;
  WallInstant not_after;
  // An hour ago (peers' clocks differ) to `days` from now.
  static Validity days(int days);
};

// A self-signed certificate authority called `name`.
Result<Identity> make_authority(std::string_view name,
                                Validity validity = Validity::days(3650));

// A certificate for `hosts` (names, "*.example.com", or addresses), usable by
// servers and clients, signed by `authority`. The first one is its common name.
Result<Identity> issue(const Identity& authority,
                       const std::vector<std::string>& hosts,
                       Validity validity = Validity::days(365));

}  // namespace molotov::net
