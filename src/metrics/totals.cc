// What a reader makes of a board: sums over its parts, and names.
#include "metrics/board.h"

namespace molotov::metrics {

namespace {

// Which figure of a part goes into which of the totals.
struct Sum {
  Count ProcessPart::* part;
  uint64_t Totals::* total;
};

constexpr Sum kSums[] = {
    {&ProcessPart::workers_started, &Totals::workers_started},
    {&ProcessPart::workers_running, &Totals::workers_running},
    {&ProcessPart::workers_died, &Totals::workers_died},
    {&ProcessPart::runs_succeeded, &Totals::runs_succeeded},
    {&ProcessPart::runs_failed, &Totals::runs_failed},
    {&ProcessPart::runs_cancelled, &Totals::runs_cancelled},
    {&ProcessPart::setups_failed, &Totals::setups_failed},
    {&ProcessPart::session_setups_failed, &Totals::session_setups_failed},
    {&ProcessPart::teardowns_failed, &Totals::teardowns_failed},
    {&ProcessPart::requests, &Totals::requests},
    {&ProcessPart::http_errors, &Totals::http_errors},
    {&ProcessPart::bytes_sent, &Totals::bytes_sent},
    {&ProcessPart::bytes_received, &Totals::bytes_received},
    {&ProcessPart::unstamped, &Totals::unstamped},
};

static_assert(static_cast<size_t>(ErrorKind::other) + 1 == kErrorKinds);

}  // namespace

Totals totals(Board& board) {
  Totals all;
  for (size_t i = 0; i < board.processes(); i++) {
    const ProcessPart& part = board.part(i);
    for (const Sum& sum : kSums) all.*sum.total += (part.*sum.part).get();
    // A process that died took its workers with it.
    if (part.exited.get()) all.workers_running -= part.workers_running.get();
    for (size_t kind = 0; kind < kErrorKinds; kind++)
      all.errors[kind] += part.errors[kind].get();
  }
  return all;
}

bool too_many_failed(uint64_t runs_failed, std::optional<int64_t> allowed,
                     bool on_any) {
  if (on_any && runs_failed > 0) return true;
  return allowed &&
         (*allowed <= 0 || runs_failed >= static_cast<uint64_t>(*allowed));
}

std::unique_ptr<Snapshot> snapshot(Board& board) {
  auto taken = std::make_unique<Snapshot>();
  taken->totals = totals(board);
  for (size_t i = 0; i < board.processes(); i++)
    taken->latency.merge(board.part(i).latency);
  return taken;
}

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
