// The little JSON that the server writes.
#pragma once

#include <string>
#include <string_view>

namespace molotov::target {

// `text` as a JSON string, with its quotes. Bytes above 0x7f are taken as
// Latin-1, as HTTP's field values may have any.
std::string to_json(std::string_view text);

}  // namespace molotov::target
