#include <arpa/inet.h>
#include <fmt/format.h>
#include <net/if.h>
#include <netinet/in.h>

#include <cstddef>
#include <cstdlib>
#include <cstring>

#include "net/resolver.h"

namespace molotov::net {

namespace {

// Of "fe80::1%eth0" or "fe80::1%2"; 0 where there is no such interface.
uint32_t scope_of(const std::string& name) {
  if (const unsigned index = if_nametoindex(name.c_str())) return index;
  return static_cast<uint32_t>(std::strtoul(name.c_str(), nullptr, 10));
}

Address make_v4(in_addr address, uint16_t port) {
  Address made;
  sockaddr_in v4{};
  v4.sin_family = AF_INET;
  v4.sin_port = htons(port);
  v4.sin_addr = address;
  std::memcpy(&made.storage, &v4, sizeof v4);
  made.size = sizeof v4;
  return made;
}

Address make_v6(const in6_addr& address, uint16_t port, uint32_t scope) {
  Address made;
  sockaddr_in6 v6{};
  v6.sin6_family = AF_INET6;
  v6.sin6_port = htons(port);
  v6.sin6_addr = address;
  v6.sin6_scope_id = scope;
  std::memcpy(&made.storage, &v6, sizeof v6);
  made.size = sizeof v6;
  return made;
}

}  // namespace

std::string Address::host() const {
  char text[INET6_ADDRSTRLEN] = "";
  if (family() == AF_INET) {
    sockaddr_in v4;
    std::memcpy(&v4, &storage, sizeof v4);
    return inet_ntop(AF_INET, &v4.sin_addr, text, sizeof text);
  }
  sockaddr_in6 v6;
  std::memcpy(&v6, &storage, sizeof v6);
  inet_ntop(AF_INET6, &v6.sin6_addr, text, sizeof text);
  if (v6.sin6_scope_id == 0) return text;
  return fmt::format("{}%{}", text, v6.sin6_scope_id);
}

uint16_t Address::port() const {
  static_assert(offsetof(sockaddr_in, sin_port) ==
                offsetof(sockaddr_in6, sin6_port));
  sockaddr_in v4;
  std::memcpy(&v4, &storage, sizeof v4);
  return ntohs(v4.sin_port);
}

std::string Address::to_string() const {
  const bool is_v6 = family() == AF_INET6;
  return fmt::format("{}{}{}:{}", is_v6 ? "[" : "", host(), is_v6 ? "]" : "",
                     port());
}

Result<Address> parse_address(const std::string& host, uint16_t port) {
  in_addr v4;
  if (inet_pton(AF_INET, host.c_str(), &v4) == 1) return make_v4(v4, port);

  const size_t percent = host.find('%');
  const bool scoped = percent != std::string::npos;
  const std::string plain = host.substr(0, percent);
  in6_addr v6;
  if (inet_pton(AF_INET6, plain.c_str(), &v6) == 1) {
    const uint32_t scope = scoped ? scope_of(host.substr(percent + 1)) : 0;
    if (!scoped || scope) return make_v6(v6, port, scope);
  }
  return fail(ErrorCode::invalid_argument, "not an address");
}

}  // namespace molotov::net
