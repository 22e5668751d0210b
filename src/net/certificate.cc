#include "net/certificate.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include <ctime>

#include "net/openssl_ptr.h"
#include "net/tls_error.h"

namespace molotov::net {

namespace {

using Key = OpensslPtr<EVP_PKEY, EVP_PKEY_free>;
using Certificate = OpensslPtr<X509, X509_free>;
using Memory = OpensslPtr<BIO, BIO_free>;

std::string text_of(BIO* memory) {
  char* bytes = nullptr;
  const long size = BIO_get_mem_data(memory, &bytes);
  return {bytes, static_cast<size_t>(size)};
}

Memory memory_of(std::string_view text) {
  return Memory(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

Result<Identity> to_pem(X509* certificate, EVP_PKEY* key) {
  const Memory certificate_text(BIO_new(BIO_s_mem()));
  const Memory key_text(BIO_new(BIO_s_mem()));
  if (PEM_write_bio_X509(certificate_text.get(), certificate) != 1 ||
      PEM_write_bio_PKCS8PrivateKey(key_text.get(), key, nullptr, nullptr, 0,
                                    nullptr, nullptr) != 1)
    return fail_tls_configuration("write a certificate");
  return Identity{text_of(certificate_text.get()), text_of(key_text.get())};
}

bool set_validity(X509* certificate, Validity validity) {
  const auto set = [](ASN1_TIME* to, WallInstant instant) {
    using std::chrono::floor, std::chrono::seconds;
    const auto whole = floor<seconds>(instant.time_since_epoch()).count();
    return ASN1_TIME_set(to, static_cast<time_t>(whole)) != nullptr;
  };
  return set(X509_getm_notBefore(certificate), validity.not_before) &&
         set(X509_getm_notAfter(certificate), validity.not_after);
}

bool set_random_serial(X509* certificate) {
  uint64_t serial = 0;
  return RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof serial) ==
             1 &&
         ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate),
                                 serial >> 1) == 1;
}

bool add_common_name(X509_NAME* name, std::string_view text) {
  // What X.520 allows; the names that count are the alternative ones.
  text = text.substr(0, 64);
  return X509_NAME_add_entry_by_txt(
             name, "CN", MBSTRING_UTF8,
             reinterpret_cast<const unsigned char*>(text.data()),
             static_cast<int>(text.size()), -1, 0) == 1;
}

bool add_extension(X509* certificate, X509* issuer, int nid,
                   const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const OpensslPtr<X509_EXTENSION, X509_EXTENSION_free> extension(
      X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str()));
  return extension && X509_add_ext(certificate, extension.get(), -1) == 1;
}

// What authorities and what they issue have in common.
Certificate new_certificate(EVP_PKEY* key, std::string_view common_name,
                            Validity validity) {
  Certificate made(X509_new());
  X509* certificate = made.get();
  constexpr long kVersion3 = 2;
  if (!made || X509_set_version(certificate, kVersion3) != 1 ||
      !set_random_serial(certificate) || !set_validity(certificate, validity) ||
      !add_common_name(X509_get_subject_name(certificate), common_name) ||
      X509_set_pubkey(certificate, key) != 1)
    return nullptr;
  return made;
}

bool is_address(const std::string& host) {
  unsigned char bytes[sizeof(in6_addr)];
  return inet_pton(AF_INET, host.c_str(), bytes) == 1 ||
         inet_pton(AF_INET6, host.c_str(), bytes) == 1;
}

// A host goes into a text that OpenSSL parses, where a comma begins a new item.
bool is_plain(const std::string& host) {
  return !host.empty() && host.find_first_of(", \t\n\\") == std::string::npos;
}

}  // namespace

Validity Validity::days(int days) {
  const WallInstant now = WallClock::now();
  return {now - std::chrono::hours(1), now + std::chrono::hours(24) * days};
}

Result<Identity> make_authority(std::string_view name, Validity validity) {
  const Key key(EVP_EC_gen("P-256"));
  if (!key) return fail_tls_configuration("make a key");
  const Certificate made = new_certificate(key.get(), name, validity);
  X509* certificate = made.get();
  if (!made ||
      X509_set_issuer_name(certificate, X509_get_subject_name(certificate)) !=
          1 ||
      !add_extension(certificate, certificate, NID_basic_constraints,
                     "critical,CA:TRUE,pathlen:0") ||
      !add_extension(certificate, certificate, NID_key_usage,
                     "critical,keyCertSign,cRLSign") ||
      !add_extension(certificate, certificate, NID_subject_key_identifier,
                     "hash") ||
      X509_sign(certificate, key.get(), EVP_sha256()) == 0)
    return fail_tls_configuration("make an authority");
  return to_pem(certificate, key.get());
}

Result<Identity> issue(const Identity& authority,
                       const std::vector<std::string>& hosts,
                       Validity validity) {
  const Memory authority_text = memory_of(authority.certificate_pem);
  const Memory key_text = memory_of(authority.key_pem);
  const Certificate issuer(
      PEM_read_bio_X509(authority_text.get(), nullptr, nullptr, nullptr));
  const Key issuer_key(
      PEM_read_bio_PrivateKey(key_text.get(), nullptr, nullptr, nullptr));
  if (!issuer || !issuer_key)
    return fail_tls_configuration("read the authority");

  std::string names;
  for (const std::string& host : hosts) {
    if (!is_plain(host))
      return fail(ErrorCode::invalid_argument,
                  fmt::format("no host for a certificate: '{}'", host));
    names += fmt::format("{}{}:{}", names.empty() ? "" : ",",
                         is_address(host) ? "IP" : "DNS", host);
  }
  if (names.empty())
    return fail(ErrorCode::invalid_argument, "a certificate for no host");

  const Key key(EVP_EC_gen("P-256"));
  if (!key) return fail_tls_configuration("make a key");
  const Certificate made = new_certificate(key.get(), hosts.front(), validity);
  X509* certificate = made.get();
  if (!made ||
      X509_set_issuer_name(certificate, X509_get_subject_name(issuer.get())) !=
          1 ||
      !add_extension(certificate, issuer.get(), NID_basic_constraints,
                     "critical,CA:FALSE") ||
      !add_extension(certificate, issuer.get(), NID_key_usage,
                     "critical,digitalSignature") ||
      !add_extension(certificate, issuer.get(), NID_ext_key_usage,
                     "serverAuth,clientAuth") ||
      !add_extension(certificate, issuer.get(), NID_authority_key_identifier,
                     "keyid") ||
      !add_extension(certificate, issuer.get(), NID_subject_alt_name, names) ||
      X509_sign(certificate, issuer_key.get(), EVP_sha256()) == 0)
    return fail_tls_configuration("make a certificate");
  return to_pem(certificate, key.get());
}

}  // namespace molotov::net
