// The BIO through which OpenSSL reads and writes a TlsStream's transport.
#pragma once

#include <openssl/bio.h>

namespace molotov::net {

// What such a BIO works on; its data (BIO_set_data). Each returns what a BIO's
// read and write do: how many bytes, 0 at the end, -1 where it has failed or,
// with `retry` set, where it would have blocked.
class TlsTransport {
 public:
  virtual int transport_read(char* into, int size, bool& retry) = 0;
  virtual int transport_write(const char* bytes, int size, bool& retry) = 0;
  virtual bool transport_ended() const = 0;

 protected:
  ~TlsTransport() = default;
};

// To be freed with BIO_meth_free; nullptr where memory ran out.
BIO_METHOD* make_transport_method();

}  // namespace molotov::net
