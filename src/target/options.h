// molotarget's command line.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/error.h"

namespace molotov::target {

// What is wrong with the certificate, for tests of clients.
enum class CertificateKind : uint8_t {
  good,
  expired,      // ended an hour ago
  wrong_host,   // for wrong.example only
  self_signed,  // signed by itself, not by the authority
};

struct Options {
  std::string host = "127.0.0.1";  // an address
  uint16_t port = 0;               // 0: a free one
  bool tls = false;
  std::string name = "localhost";  // the certificate is for it
  CertificateKind certificate = CertificateKind::good;
  std::string unix_path;  // not empty: a Unix socket instead of host and port
  unsigned processes = 1;
  bool truth = false;  // keep a record of each answer's time
  uint64_t seed = 1;   // of random delays
  bool help = false;
};

// `arguments` are without the program's name. Fails with invalid_argument and
// what is wrong with which option.
Result<Options> parse_options(std::span<const char* const> arguments);

// What --help prints.
std::string_view help_text();

}  // namespace molotov::target
