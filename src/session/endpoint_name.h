// What requests are counted under: method, host and path, so that those to the
// same resource of a service are counted together.
#pragma once

#include <string>
#include <string_view>

namespace molotov::session {

// Whether a segment of a path looks like one of many: a number, a UUID, a long
// run of hexadecimal digits or of base64.
bool is_identifier(std::string_view segment);

// `path` with each segment that is one as "{}", appended to `name`.
void append_folded(std::string_view path, std::string& name);

}  // namespace molotov::session
