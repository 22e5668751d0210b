// TLS sessions to resume: a bounded store of what servers issued, by the name
// and port they were issued for. Used on one thread.
#pragma once

#include <openssl/ssl.h>

#include <cstddef>
#include <string>
#include <vector>

#include "net/openssl_ptr.h"

namespace molotov::net {

using TlsSession = OpensslPtr<SSL_SESSION, SSL_SESSION_free>;

class SessionCache {
 public:
  // `limit` sessions in all; the one that is kept longest goes first.
  explicit SessionCache(size_t limit = 256) : limit_(limit) {}

  void put(std::string key, TlsSession session);
  // The newest session for `key`, nullptr where there is none. One of TLS 1.3
  // leaves the cache: using it twice would let the two connections be linked
  // (RFC 8446, C.4), and the server issues new ones.
  TlsSession take(const std::string& key);
  size_t size() const { return sessions_.size(); }

 private:
  struct Kept {
    std::string key;
    TlsSession session;
  };
  size_t limit_;
  std::vector<Kept> sessions_;  // oldest first
};

// Where the sessions of one connection go; its SSL's app data.
struct SessionSlot {
  SessionCache* cache;
  std::string key;
};

}  // namespace molotov::net
