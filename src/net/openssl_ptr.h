// Owners of OpenSSL's objects: OpensslPtr<X509, X509_free>.
#pragma once

#include <memory>

namespace molotov::net {

template <auto Free>
struct OpensslFree {
  void operator()(auto* object) const { Free(object); }
};

template <typename T, auto Free>
using OpensslPtr = std::unique_ptr<T, OpensslFree<Free>>;

}  // namespace molotov::net
