#include "net/session_cache.h"

#include <algorithm>

namespace molotov::net {

void SessionCache::put(std::string key, TlsSession session) {
  if (sessions_.size() == limit_) sessions_.erase(sessions_.begin());
  sessions_.push_back({std::move(key), std::move(session)});
}

TlsSession SessionCache::take(const std::string& key) {
  // A few hundred to look through, beside a handshake.
  const auto found =
      std::find_if(sessions_.rbegin(), sessions_.rend(),
                   [&](const Kept& kept) { return kept.key == key; });
  if (found == sessions_.rend()) return nullptr;
  SSL_SESSION* session = found->session.get();
  if (SSL_SESSION_get_protocol_version(session) < TLS1_3_VERSION) {
    SSL_SESSION_up_ref(session);
    return TlsSession(session);
  }
  TlsSession taken = std::move(found->session);
  sessions_.erase(std::next(found).base());
  return taken;
}

}  // namespace molotov::net
