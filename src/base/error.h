// Failures of operations, as values.
//
// A Result<T> holds a T or an Error. Codes decide what happens next; the detail
// is only for people, made once where the context is known. A programming
// mistake is not an Error: it is a CHECK (check.h), which aborts.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <utility>

namespace molotov {

// Banded by layer, so that a code alone says who failed. The values are written
// to recordings: never renumber one.
enum class ErrorCode : uint16_t {
  none = 0,

  // The process and its options.
  system = 1000,            // a system call that should not fail; see sys_errno
  invalid_argument = 1001,  // what was given cannot be used
  cancelled = 1002,         // the caller no longer wants the result
  limit = 1003,             // a bound of ours was reached (descriptors, memory)

  dns_not_found = 1100,  // the name does not exist, or has no address
  dns_failed = 1101,     // no name server answered, or it answered nonsense
  dns_timeout = 1102,
  dns_custom = 1103,  // the caller's own resolver; sys_errno is its number for
                      // what it says

  connect_refused = 1200,
  connect_unreachable = 1201,  // no route to host or network
  connect_timeout = 1202,
  connect_failed = 1203,  // anything else; see sys_errno
  pool_closed = 1204,     // while a connection was waited for
  connect_custom = 1205,  // as dns_custom: what makes the caller's own sockets

  tls_handshake = 1300,      // the handshake failed, detail says why
  tls_untrusted = 1301,      // no trusted authority signed the certificate
  tls_expired = 1302,        // certificate expired or not valid yet
  tls_wrong_host = 1303,     // certificate is for another name
  tls_configuration = 1304,  // CA file, client certificate or key unusable
  tls_fingerprint = 1305,    // certificate is not the one that was pinned
  tls_failed = 1306,         // behind the handshake: an alert, what TLS forbids

  http_malformed = 1400,       // the answer is not HTTP; detail says where
  http_too_large = 1401,       // a line, header block or count over its limit
  http_truncated = 1402,       // closed before the promised end of the body
  http_disconnected = 1403,    // closed before any byte of an answer
  http_content_coding = 1404,  // the body does not decode as it says
  http_too_many_redirects = 1405,
  http_invalid_url = 1406,
  http_invalid_redirect = 1407,  // Location missing or not usable
  http_body_consumed = 1408,  // a redirect, and the body cannot be sent again
  http_proxy_refused = 1409,  // CONNECT was not answered with 200

  reset = 1500,          // connection reset or broken pipe while in use
  read_timeout = 1501,   // waited for (more of) an answer
  write_timeout = 1502,  // waited for the peer to take the request
  total_timeout = 1503,  // the whole exchange took too long
};

// The code's name, for machines and tests: "connect_refused".
std::string_view to_string(ErrorCode code);

struct Error {
  ErrorCode code = ErrorCode::none;
  int sys_errno = 0;   // the errno behind it, 0 where there is none
  std::string detail;  // what and where, for a person; no trailing period
  // Why a certificate was refused: OpenSSL's number (X509_V_ERR_*). 0: it was
  // not that.
  int verify_code = 0;

  // "connect_refused: 127.0.0.1:80: Connection refused".
  std::string message() const;
};

template <typename T = void>
using Result = std::expected<T, Error>;

// An Error as a Result's failure: `return fail(ErrorCode::limit, "...")`.
inline std::unexpected<Error> fail(ErrorCode code, std::string detail,
                                   int sys_errno = 0) {
  return std::unexpected(Error{code, sys_errno, std::move(detail)});
}

// The only place where an errno becomes an Error. `doing` names the operation
// and its object ("connect to 127.0.0.1:80"); the system's text is appended.
Error error_from_errno(int sys_errno, std::string_view doing);

// As error_from_errno(), as a Result's failure, of the current errno.
std::unexpected<Error> fail_errno(std::string_view doing);

}  // namespace molotov
