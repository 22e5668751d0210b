#include "base/error.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>

namespace molotov {

std::string_view to_string(ErrorCode code) {
  switch (code) {
    case ErrorCode::none:
      return "none";
    case ErrorCode::system:
      return "system";
    case ErrorCode::invalid_argument:
      return "invalid_argument";
    case ErrorCode::cancelled:
      return "cancelled";
    case ErrorCode::limit:
      return "limit";
    case ErrorCode::dns_not_found:
      return "dns_not_found";
    case ErrorCode::dns_failed:
      return "dns_failed";
    case ErrorCode::dns_timeout:
      return "dns_timeout";
    case ErrorCode::dns_custom:
      return "dns_custom";
    case ErrorCode::connect_refused:
      return "connect_refused";
    case ErrorCode::connect_unreachable:
      return "connect_unreachable";
    case ErrorCode::connect_timeout:
      return "connect_timeout";
    case ErrorCode::connect_failed:
      return "connect_failed";
    case ErrorCode::pool_closed:
      return "pool_closed";
    case ErrorCode::connect_custom:
      return "connect_custom";
    case ErrorCode::tls_handshake:
      return "tls_handshake";
    case ErrorCode::tls_untrusted:
      return "tls_untrusted";
    case ErrorCode::tls_expired:
      return "tls_expired";
    case ErrorCode::tls_wrong_host:
      return "tls_wrong_host";
    case ErrorCode::tls_configuration:
      return "tls_configuration";
    case ErrorCode::tls_fingerprint:
      return "tls_fingerprint";
    case ErrorCode::tls_failed:
      return "tls_failed";
    case ErrorCode::http_malformed:
      return "http_malformed";
    case ErrorCode::http_too_large:
      return "http_too_large";
    case ErrorCode::http_truncated:
      return "http_truncated";
    case ErrorCode::http_disconnected:
      return "http_disconnected";
    case ErrorCode::http_content_coding:
      return "http_content_coding";
    case ErrorCode::http_too_many_redirects:
      return "http_too_many_redirects";
    case ErrorCode::http_invalid_url:
      return "http_invalid_url";
    case ErrorCode::http_invalid_redirect:
      return "http_invalid_redirect";
    case ErrorCode::http_body_consumed:
      return "http_body_consumed";
    case ErrorCode::http_proxy_refused:
      return "http_proxy_refused";
    case ErrorCode::reset:
      return "reset";
    case ErrorCode::read_timeout:
      return "read_timeout";
    case ErrorCode::write_timeout:
      return "write_timeout";
    case ErrorCode::total_timeout:
      return "total_timeout";
  }
  return "unknown";
}

std::string Error::message() const {
  if (detail.empty()) return std::string(to_string(code));
  return fmt::format("{}: {}", to_string(code), detail);
}

namespace {

ErrorCode code_of(int sys_errno) {
  switch (sys_errno) {
    case ECONNREFUSED:
    case ENOENT:  // a Unix socket that is not there
      return ErrorCode::connect_refused;
    case EHOSTUNREACH:
    case ENETUNREACH:
      return ErrorCode::connect_unreachable;
    case ETIMEDOUT:
      return ErrorCode::connect_timeout;
    case ECONNRESET:
    case EPIPE:
    case ECONNABORTED:
      return ErrorCode::reset;
    case EMFILE:
    case ENFILE:
    case EADDRNOTAVAIL:
      return ErrorCode::limit;
    default:
      return ErrorCode::system;
  }
}

}  // namespace

Error error_from_errno(int sys_errno, std::string_view doing) {
  char text[128];
  return Error{
      code_of(sys_errno), sys_errno,
      fmt::format("{}: {}", doing, strerror_r(sys_errno, text, sizeof text))};
}

std::unexpected<Error> fail_errno(std::string_view doing) {
  return std::unexpected(error_from_errno(errno, doing));
}

}  // namespace molotov
