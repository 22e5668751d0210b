// What the system's configuration says about looking up hosts.
#pragma once

#include <string_view>

namespace molotov::net {

// Whether the `hosts` line of an nsswitch.conf has more than `files` and `dns`,
// which is all that c-ares does. Without such a line the C library has
// `files dns` too.
bool hosts_need_system(std::string_view nsswitch_conf);

}  // namespace molotov::net
