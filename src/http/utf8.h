// Whether bytes are UTF-8 (RFC 3629): no surrogates, nothing over U+10FFFF,
// each character in its shortest form.
#pragma once

#include <string_view>

namespace molotov::http {

bool is_utf8(std::string_view bytes);

}  // namespace molotov::http
