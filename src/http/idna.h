// Names of hosts that are not in ASCII (internationalized domain names).
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"

namespace molotov::http {

// The name as DNS and the Host field have it, its labels as "xn--...", by
// IDNA 2008 and the mapping of UTS 46; where that knows no such name (one with
// an emoji in it), by IDNA 2003. The result is ASCII and lower case, and maybe
// has characters that no host has, where those were in `host`.
//
// Fails with http_invalid_url, and what is wrong with it: no UTF-8, characters
// that are not seen (they would be dropped, and the host be another than the
// one that is read), empty labels and ones that are too long.
Result<std::string> ascii_host(std::string_view host);

}  // namespace molotov::http
