#include "net/tls_error.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <cctype>
#include <cerrno>

#include "net/openssl_ptr.h"

namespace molotov::net {

namespace {

// The first error is the cause, what follows is where it passed.
std::string take_reason() {
  const unsigned long code = ERR_get_error();
  ERR_clear_error();
  if (code == 0) return "unknown reason";
  // A system call's: the file that is not there.
  if (ERR_SYSTEM_ERROR(code)) {
    char text[128];
    return strerror_r(static_cast<int>(ERR_GET_REASON(code)), text,
                      sizeof text);
  }
  if (const char* reason = ERR_reason_error_string(code)) return reason;
  return fmt::format("error {:#x}", code);
}

std::string_view view_of(const ASN1_STRING* text) {
  return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
          static_cast<size_t>(ASN1_STRING_length(text))};
}

std::string address_text(const ASN1_OCTET_STRING* address) {
  char text[INET6_ADDRSTRLEN] = "";
  const int size = ASN1_STRING_length(address);
  if (size == 4 || size == 16)
    inet_ntop(size == 4 ? AF_INET : AF_INET6, ASN1_STRING_get0_data(address),
              text, sizeof text);
  return text;
}

// "example.com, *.example.com"; the first few.
std::string names_of(X509* certificate) {
  const OpensslPtr<GENERAL_NAMES, GENERAL_NAMES_free> names(
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(
          certificate, NID_subject_alt_name, nullptr, nullptr)));
  constexpr int kMost = 4;
  const int count = names ? sk_GENERAL_NAME_num(names.get()) : 0;
  std::string all;
  for (int i = 0; i < count; i++) {
    if (i == kMost) return fmt::format("{} and {} more", all, count - kMost);
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), i);
    if (!all.empty()) all += ", ";
    if (name->type == GEN_DNS)
      all += view_of(name->d.dNSName);
    else if (name->type == GEN_IPADD)
      all += address_text(name->d.iPAddress);
    else
      all += "something else";
  }
  return all.empty() ? "no host" : all;
}

std::string date_text(const ASN1_TIME* time) {
  tm parts{};
  if (ASN1_TIME_to_tm(time, &parts) != 1) return "an unreadable date";
  return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}:{:02} UTC",
                     parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday,
                     parts.tm_hour, parts.tm_min, parts.tm_sec);
}

// The certificate of the chain that does not hold today, and why.
std::string expiry_text(STACK_OF(X509) * chain) {
  for (int i = 0; i < sk_X509_num(chain); i++) {
    X509* certificate = sk_X509_value(chain, i);
    const std::string_view which =
        i == 0 ? "the certificate" : "an authority's certificate";
    const ASN1_TIME* end = X509_get0_notAfter(certificate);
    const ASN1_TIME* begin = X509_get0_notBefore(certificate);
    if (X509_cmp_current_time(end) < 0)
      return fmt::format("{} expired on {}", which, date_text(end));
    if (X509_cmp_current_time(begin) > 0)
      return fmt::format("{} is not valid before {}", which, date_text(begin));
  }
  return "the certificate is not valid today";
}

// As Python's ssl module words it.
std::string verdict_text(long verdict, std::string_view host) {
  constexpr std::string_view kWrongHost =
      "{} mismatch, certificate is not valid for '{}'.";
  switch (verdict) {
    case X509_V_ERR_HOSTNAME_MISMATCH:
      return fmt::format(kWrongHost, "Hostname", host);
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
      return fmt::format(kWrongHost, "IP address", host);
    default:
      return X509_verify_cert_error_string(verdict);
  }
}

// What the verdict does not say; "" where there is nothing.
std::string more_text(ErrorCode code, STACK_OF(X509) * chain) {
  X509* leaf = chain ? sk_X509_value(chain, 0) : nullptr;
  if (code == ErrorCode::tls_expired) return ": " + expiry_text(chain);
  if (code == ErrorCode::tls_wrong_host && leaf)
    return ": the certificate is for " + names_of(leaf);
  return {};
}

Error refused_certificate(ssl_st* ssl, long verdict, std::string_view peer,
                          std::string_view host) {
  const ErrorCode code = code_of_refusal(verdict);
  return {code, 0,
          fmt::format("[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify "
                      "failed: {} ({}{})",
                      verdict_text(verdict, host), peer,
                      more_text(code, SSL_get0_verified_chain(ssl))),
          static_cast<int>(verdict)};
}

// "[SSL: WRONG_VERSION_NUMBER] wrong version number", as Python's ssl module
// words it: the names of reasons are their texts in capitals.
std::string take_handshake_reason() {
  const bool is_ssl = ERR_GET_LIB(ERR_peek_error()) == ERR_LIB_SSL;
  std::string text = take_reason();
  if (!is_ssl) return text;
  std::string name = text;
  // Of alerts that are older than TLS, in OpenSSL from 3.2 on.
  constexpr std::string_view kOldAlert = "ssl/tls alert";
  if (name.starts_with(kOldAlert))
    name.replace(0, kOldAlert.size(), "sslv3 alert");
  for (char& c : name) c = c == ' ' ? '_' : static_cast<char>(std::toupper(c));
  return fmt::format("[SSL: {}] {}", name, text);
}

}  // namespace

std::unexpected<Error> fail_tls_configuration(std::string_view doing) {
  return fail(ErrorCode::tls_configuration,
              fmt::format("{}: {}", doing, take_reason()));
}

ErrorCode code_of_refusal(long verify_code) {
  switch (verify_code) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return ErrorCode::tls_expired;
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
      return ErrorCode::tls_wrong_host;
    default:
      return ErrorCode::tls_untrusted;
  }
}

Error error_of_handshake(Error of_connection, std::string_view peer) {
  if (of_connection.code == ErrorCode::none)
    return {ErrorCode::tls_handshake, ECONNRESET,
            fmt::format("{}: the peer closed the connection", peer)};
  of_connection.code = ErrorCode::tls_handshake;
  of_connection.detail = fmt::format("{}: {}", peer, of_connection.detail);
  return of_connection;
}

Error error_from_openssl(ssl_st* ssl, std::string_view peer,
                         std::string_view host) {
  const unsigned long code = ERR_peek_error();
  const long verdict = SSL_get_verify_result(ssl);
  if (ERR_GET_LIB(code) == ERR_LIB_SSL &&
      ERR_GET_REASON(code) == SSL_R_CERTIFICATE_VERIFY_FAILED &&
      verdict != X509_V_OK) {
    ERR_clear_error();
    return refused_certificate(ssl, verdict, peer, host);
  }
  // What a peer that does not speak TLS at all looks like.
  const bool plain = ERR_GET_LIB(code) == ERR_LIB_SSL &&
                     (ERR_GET_REASON(code) == SSL_R_WRONG_VERSION_NUMBER ||
                      ERR_GET_REASON(code) == SSL_R_HTTP_REQUEST);
  return {ErrorCode::tls_handshake, 0,
          fmt::format("{} ({}{})", take_handshake_reason(), peer,
                      plain ? "; does it speak TLS?" : "")};
}

}  // namespace molotov::net
