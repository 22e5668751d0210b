// Names of metrics in the StatsD protocol, whose datagrams are
// "name:value|type|@rate|#tags": what means something there, or ends a line or
// a word, becomes '_' in a name.
#pragma once

#include <string>
#include <string_view>

namespace molotov::session {

void append_name_part(std::string_view text, std::string& name);

// The same of a URL's path, decoded as yarl's URL.path is: what is encoded and
// is not UTF-8 stays encoded.
void append_path_part(std::string_view path, std::string& name);

}  // namespace molotov::session
