#include "net/tls_error.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

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

Error refused_certificate(ssl_st* ssl, long verdict, std::string_view peer,
                          std::string_view host) {
  STACK_OF(X509)* chain = SSL_get0_verified_chain(ssl);
  X509* leaf = chain ? sk_X509_value(chain, 0) : nullptr;
  switch (verdict) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return {ErrorCode::tls_expired, 0,
              fmt::format("{}: {}", peer, expiry_text(chain))};
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
      return {ErrorCode::tls_wrong_host, 0,
              fmt::format("{}: the certificate is for {}, not for {}", peer,
                          leaf ? names_of(leaf) : "another host", host)};
    default:
      return {ErrorCode::tls_untrusted, 0,
              fmt::format("{}: the certificate is not trusted: {}", peer,
                          X509_verify_cert_error_string(verdict))};
  }
}

}  // namespace

std::unexpected<Error> fail_tls_configuration(std::string_view doing) {
  return fail(ErrorCode::tls_configuration,
              fmt::format("{}: {}", doing, take_reason()));
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
          fmt::format("{}: {}{}", peer, take_reason(),
                      plain ? " (does it speak TLS?)" : "")};
}

}  // namespace molotov::net
