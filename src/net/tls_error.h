// OpenSSL's errors, as Errors.
//
// OpenSSL keeps a queue of them a thread. Whoever calls into it clears the
// queue first; both functions here leave it empty.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"

struct ssl_st;

namespace molotov::net {

// What is wrong with what TLS was told to use. `doing` names it.
std::unexpected<Error> fail_tls_configuration(std::string_view doing);

// Why OpenSSL failed on `ssl`: a certificate that was refused (with what it is
// for, and when it holds), an alert, what the protocol forbids. It begins with
// the words of Python's ssl module, for whoever looks for these. `peer` is who
// is at the other end ("example.com:443"), `host` the name that was verified.
Error error_from_openssl(ssl_st* ssl, std::string_view peer,
                         std::string_view host);

// Which of the tls_* a refused certificate is, by OpenSSL's number for it.
ErrorCode code_of_refusal(long verify_code);

// What a failure of the connection under it means to a handshake; none: the
// peer has closed it. `peer` as above.
Error error_of_handshake(Error of_connection, std::string_view peer);

}  // namespace molotov::net
