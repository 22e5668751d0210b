#include "metrics/error_kind.h"

namespace molotov::metrics {

static_assert(static_cast<size_t>(ErrorKind::other) + 1 == kErrorKinds);

std::string_view to_string(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::dns:
      return "dns";
    case ErrorKind::refused:
      return "refused";
    case ErrorKind::unreachable:
      return "unreachable";
    case ErrorKind::connect:
      return "connect";
    case ErrorKind::tls:
      return "tls";
    case ErrorKind::reset:
      return "reset";
    case ErrorKind::disconnected:
      return "disconnected";
    case ErrorKind::truncated:
      return "truncated";
    case ErrorKind::malformed:
      return "malformed";
    case ErrorKind::timeout:
      return "timeout";
    case ErrorKind::cancelled:
      return "cancelled";
    case ErrorKind::other:
      return "other";
  }
  return "unknown";
}

ErrorKind kind_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::dns_not_found:
    case ErrorCode::dns_failed:
    case ErrorCode::dns_timeout:
    case ErrorCode::dns_custom:
      return ErrorKind::dns;
    case ErrorCode::connect_refused:
      return ErrorKind::refused;
    case ErrorCode::connect_unreachable:
      return ErrorKind::unreachable;
    case ErrorCode::connect_failed:
    case ErrorCode::connect_custom:
    case ErrorCode::http_proxy_refused:
      return ErrorKind::connect;
    case ErrorCode::tls_handshake:
    case ErrorCode::tls_untrusted:
    case ErrorCode::tls_expired:
    case ErrorCode::tls_wrong_host:
    case ErrorCode::tls_configuration:
    case ErrorCode::tls_fingerprint:
    case ErrorCode::tls_failed:
      return ErrorKind::tls;
    case ErrorCode::reset:
      return ErrorKind::reset;
    case ErrorCode::http_disconnected:
      return ErrorKind::disconnected;
    case ErrorCode::http_truncated:
      return ErrorKind::truncated;
    case ErrorCode::http_malformed:
    case ErrorCode::http_too_large:
    case ErrorCode::http_content_coding:
    case ErrorCode::http_invalid_redirect:
      return ErrorKind::malformed;
    case ErrorCode::connect_timeout:
    case ErrorCode::read_timeout:
    case ErrorCode::write_timeout:
    case ErrorCode::total_timeout:
      return ErrorKind::timeout;
    case ErrorCode::cancelled:
    case ErrorCode::pool_closed:
      return ErrorKind::cancelled;
    case ErrorCode::none:
    case ErrorCode::system:
    case ErrorCode::invalid_argument:
    case ErrorCode::limit:
    case ErrorCode::http_too_many_redirects:
    case ErrorCode::http_invalid_url:
    case ErrorCode::http_body_consumed:
      break;
  }
  return ErrorKind::other;
}

}  // namespace molotov::metrics
