#include "target/options.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <optional>

namespace molotov::target {

namespace {

constexpr unsigned kMostProcesses = 256;

constexpr std::string_view kHelp =
    R"(usage: molotarget [--host ADDRESS] [--port N] [--unix PATH] [--processes N]
                  [--tls] [--name HOST] [--certificate KIND]
                  [--truth] [--seed N]

A fast HTTP/1.1 server to try load tests on. Prints its URL when it is ready,
and serves until SIGINT or SIGTERM.

  --host ADDRESS      address to listen on, IPv4 or IPv6 (default 127.0.0.1)
  --port N            port to listen on (default 0: a free one)
  --unix PATH         listen on a Unix socket instead
  --processes N       serve with N processes (default 1)
  --tls               speak TLS; prints first the file of the authority that
                      signed the certificate: "authority: FILE"
  --name HOST         name that the certificate is for (default localhost);
                      it is for 127.0.0.1 and ::1 too
  --certificate KIND  one that a client must refuse: expired, wrong-host or
                      self-signed
  --truth             keep the exact time of each answer, for /truth
  --seed N            the random delays are those of this seed (default 1)
  -h, --help          print this and exit

Paths:
  /, /json              {"result": "OK"}
  /bytes/N              N bytes
  /status/N             an answer of status N, 200 to 599
  /delay/MS             answers after MS milliseconds, such as 2.5
  /lognormal/MS/SIGMA   answers after a random time of a log-normal distribution
                        with that median
  /bimodal/MS/SLOW/N    answers after MS milliseconds, one request in N, drawn at
                        random, after SLOW
  /echo                 the request's body and content type
  /redirect/N[/STATUS]  N redirects, the last to /
  /headers              the request's method, target and fields
  /cookies              the cookies of the request
  /cookies/set/N/V      sets cookie N to V
  /close                answers with Connection: close
  /chunked/N            a body of N chunks
  /gzip, /deflate       a compressed body
  /stats                requests and connections so far, without /stats' own
  /truth                with --truth: how long the answers took, as percentiles
  /truth/times          all of the times, in nanoseconds
  /truth/reset          forgets them, when it is POSTed
Misbehaviour:
  /reset                resets the connection
  /truncate             promises more bytes than it sends
  /garbage              answers what is not HTTP
  /slow/BYTES/MS        that many bytes, that many milliseconds apart
  /never                never answers
  /freeze/MS            stops serving all clients for MS milliseconds
  /early                answers before it has read the request's body
  /close-idle           answers, then closes the connection unannounced
  /close-next           answers, and closes when the next request comes
  /ws                   a WebSocket that sends back what it is sent
)";

// The value of an option, or what is wrong with it.
template <typename Number>
Result<Number> parse_number(std::string_view option, std::string_view text,
                            Number least, Number most) {
  Number number{};
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || stop != end || number < least || number > most)
    return fail(ErrorCode::invalid_argument,
                fmt::format("{}: '{}' is not a number from {} to {}", option,
                            text, least, most));
  return number;
}

Result<CertificateKind> parse_certificate(std::string_view text) {
  if (text == "expired") return CertificateKind::expired;
  if (text == "wrong-host") return CertificateKind::wrong_host;
  if (text == "self-signed") return CertificateKind::self_signed;
  return fail(ErrorCode::invalid_argument,
              fmt::format("--certificate: '{}' is none of expired, wrong-host, "
                          "self-signed",
                          text));
}

template <typename T>
Result<> store(Result<T> value, T& into) {
  if (!value) return std::unexpected(std::move(value.error()));
  into = std::move(*value);
  return {};
}

// One row an option that takes a value. `seen` tells which were given.
struct Row {
  std::string_view name;
  Result<> (*take)(Options&, std::string_view name, std::string_view value);
};

Result<> not_empty(std::string_view option, std::string_view value,
                   std::string& into) {
  if (value.empty())
    return fail(ErrorCode::invalid_argument,
                fmt::format("{}: must not be empty", option));
  into = value;
  return {};
}

enum RowIndex {
  kHost,
  kPort,
  kUnix,
  kProcesses,
  kName,
  kCertificate,
  kSeed,
  kRows
};

constexpr std::array<Row, kRows> kTable{{
    {"--host",
     [](Options& o, std::string_view option, std::string_view value) {
       return not_empty(option, value, o.host);
     }},
    {"--port",
     [](Options& o, std::string_view option, std::string_view value) {
       return store(parse_number<uint16_t>(option, value, 0, 65535), o.port);
     }},
    {"--unix",
     [](Options& o, std::string_view option, std::string_view value) {
       return not_empty(option, value, o.unix_path);
     }},
    {"--processes",
     [](Options& o, std::string_view option, std::string_view value) {
       return store(parse_number<unsigned>(option, value, 1, kMostProcesses),
                    o.processes);
     }},
    {"--name",
     [](Options& o, std::string_view option, std::string_view value) {
       return not_empty(option, value, o.name);
     }},
    {"--certificate",
     [](Options& o, std::string_view, std::string_view value) {
       return store(parse_certificate(value), o.certificate);
     }},
    {"--seed",
     [](Options& o, std::string_view option, std::string_view value) {
       return store(parse_number<uint64_t>(option, value, 0, UINT64_MAX),
                    o.seed);
     }},
}};

Result<> check_together(const Options& options,
                        const std::array<bool, kRows>& seen) {
  std::string_view problem;
  if (seen[kName] && !options.tls) problem = "--name needs --tls";
  if (seen[kCertificate] && !options.tls) problem = "--certificate needs --tls";
  if (seen[kUnix] && seen[kHost]) problem = "--unix excludes --host";
  if (seen[kUnix] && seen[kPort]) problem = "--unix excludes --port";
  if (problem.empty()) return {};
  return fail(ErrorCode::invalid_argument, std::string(problem));
}

}  // namespace

Result<Options> parse_options(std::span<const char* const> arguments) {
  Options options;
  std::array<bool, kRows> seen{};
  for (size_t i = 0; i < arguments.size(); i++) {
    std::string_view name = arguments[i];
    if (name == "-h" || name == "--help") {
      options.help = true;
      return options;
    }
    if (name == "--tls" || name == "--truth") {
      (name == "--tls" ? options.tls : options.truth) = true;
      continue;
    }
    std::optional<std::string_view> value;
    if (const size_t equals = name.find('='); equals != name.npos) {
      value = name.substr(equals + 1);
      name = name.substr(0, equals);
    }
    size_t row = 0;
    while (row < kRows && kTable[row].name != name) row++;
    if (row == kRows)
      return fail(ErrorCode::invalid_argument,
                  fmt::format("unknown argument '{}'", arguments[i]));
    if (!value) {
      if (++i == arguments.size())
        return fail(ErrorCode::invalid_argument,
                    fmt::format("{}: needs a value", name));
      value = arguments[i];
    }
    seen[row] = true;
    if (auto taken = kTable[row].take(options, name, *value); !taken)
      return std::unexpected(std::move(taken.error()));
  }
  if (auto checked = check_together(options, seen); !checked)
    return std::unexpected(std::move(checked.error()));
  return options;
}

std::string_view help_text() {
  return kHelp;
}

}  // namespace molotov::target
