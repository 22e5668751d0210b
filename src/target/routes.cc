#include "target/routes.h"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <iterator>
#include <optional>
#include <utility>
#include <vector>

#include "base/check.h"
#include "target/json.h"
#include "target/websocket.h"

namespace molotov::target {

namespace {

using Request = Routes::Request;
using http::Field;

constexpr std::string_view kOk = R"({"result": "OK"})";
constexpr std::string_view kTruncated = R"({"result": )";
constexpr uint64_t kTruncatedMissingBytes = 1000;
constexpr std::string_view kGarbage =
    "\x16\x03\x01 this is not HTTP \xff\xfe\r\n\r\n";
constexpr std::string_view kText = "text/plain";
constexpr std::string_view kBinary = "application/octet-stream";
constexpr std::string_view kFillerByte = "x";
constexpr std::string_view kChunk = "a\r\n0123456789\r\n";
constexpr std::string_view kChunkData = "0123456789";
constexpr std::string_view kLastChunk = "0\r\n\r\n";
constexpr uint64_t kMostBytes = uint64_t{1} << 40;
constexpr uint64_t kMostMilliseconds = 24 * 3600 * 1000;
constexpr uint64_t kMostFreezeMilliseconds = 60 * 1000;
constexpr double kMostSigma = 10;
constexpr uint64_t kMostInterval = 1'000'000'000;
constexpr uint64_t kMostRedirects = 1000;
constexpr uint64_t kMostChunks = 1'000'000'000;
// The Date of a ready answer, replaced in place once a second.
constexpr std::string_view kDateName = "Date: ";
constexpr std::string_view kDateShape = "Thu, 01 Jan 1970 00:00:00 GMT";

// What /bytes/N sends, piece after piece.
constexpr auto kFiller = [] {
  std::array<char, 65536> block{};
  block.fill('x');
  return block;
}();

std::optional<uint64_t> number(std::string_view text, uint64_t most) {
  uint64_t value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || stop != end || value > most) return {};
  return value;
}

// A decimal fraction will do.
std::optional<double> decimal(std::string_view text, double most) {
  double value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || stop != end || !(value >= 0 && value <= most))
    return {};
  return value;
}

Duration from_milliseconds(double milliseconds) {
  return Duration(std::llround(
      1e6 * std::min(milliseconds, static_cast<double>(kMostMilliseconds))));
}

Reply bad_number(std::string_view text, double least, double most) {
  return error_reply(
      400, fmt::format("'{}' is not a number from {:.15g} to {:.15g}", text,
                       least, most));
}

// "zlib's" window bits tell the coding: 15 deflate, 15 + 16 gzip.
std::string compress(std::string_view text, int window_bits) {
  z_stream stream{};
  CHECK(deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, window_bits, 8,
                     Z_DEFAULT_STRATEGY) == Z_OK);
  std::string packed(deflateBound(&stream, text.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  CHECK(deflate(&stream, Z_FINISH) == Z_STREAM_END);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}

// The path of a target: of origin-form, or of the absolute-form that a proxy's
// client sends.
std::string_view path_of(std::string_view target) {
  const size_t scheme =
      target.starts_with('/') ? target.npos : target.find("://");
  if (scheme != target.npos) {
    const size_t slash = target.find('/', scheme + 3);
    target = slash == target.npos ? "/" : target.substr(slash);
  }
  return target.substr(0, target.find_first_of("?#"));
}

Reply ok(const Routes& routes, const Request&) {
  return routes.ready_ok();
}

Reply bytes(const Routes&, const Request& request) {
  const auto count = number(request.arguments[0], kMostBytes);
  if (!count) return bad_number(request.arguments[0], 0, kMostBytes);
  Reply reply;
  reply.content_type = kBinary;
  reply.repeat = {.block = {kFiller.data(), kFiller.size()}, .bytes = *count};
  return reply;
}

Reply status(const Routes&, const Request& request) {
  const auto status = number(request.arguments[0], 599);
  if (!status || *status < 200)
    return bad_number(request.arguments[0], 200, 599);
  Reply reply;
  reply.status = static_cast<int>(*status);
  reply.body = fmt::format("{{\"status\": {}}}", *status);
  return reply;
}

Reply delayed_ok(double milliseconds) {
  Reply reply;
  reply.tail = kOk;
  reply.delay = from_milliseconds(milliseconds);
  return reply;
}

Reply delay(const Routes&, const Request& request) {
  const auto span = decimal(request.arguments[0], kMostMilliseconds);
  if (!span) return bad_number(request.arguments[0], 0, kMostMilliseconds);
  return delayed_ok(*span);
}

Reply log_normal(const Routes&, const Request& request) {
  const auto median = decimal(request.arguments[0], kMostMilliseconds);
  if (!median) return bad_number(request.arguments[0], 0, kMostMilliseconds);
  const auto sigma = decimal(request.arguments[1], kMostSigma);
  if (!sigma) return bad_number(request.arguments[1], 0, kMostSigma);
  return delayed_ok(*median * std::exp(*sigma * request.random.normal()));
}

Reply bimodal(const Routes&, const Request& request) {
  const auto usual = decimal(request.arguments[0], kMostMilliseconds);
  if (!usual) return bad_number(request.arguments[0], 0, kMostMilliseconds);
  const auto slow = decimal(request.arguments[1], kMostMilliseconds);
  if (!slow) return bad_number(request.arguments[1], 0, kMostMilliseconds);
  const auto one_in = number(request.arguments[2], kMostInterval);
  if (!one_in || *one_in == 0)
    return bad_number(request.arguments[2], 1, kMostInterval);
  const bool is_slow = request.random.unit() * static_cast<double>(*one_in) < 1;
  return delayed_ok(is_slow ? *slow : *usual);
}

Reply freeze(const Routes&, const Request& request) {
  const auto span = number(request.arguments[0], kMostFreezeMilliseconds);
  if (!span)
    return bad_number(request.arguments[0], 0, kMostFreezeMilliseconds);
  Reply reply;
  reply.tail = kOk;
  reply.freeze = std::chrono::milliseconds(*span);
  reply.counted = false;
  return reply;
}

Reply echo(const Routes&, const Request& request) {
  Reply reply;
  const Field* type = http::find_field(request.head.fields, "content-type");
  reply.content_type = kBinary;
  if (type) {
    // The request's bytes are gone by the time that the head is made.
    reply.content_type = {};
    reply.fields = fmt::format("Content-Type: {}\r\n", type->value);
  }
  reply.echo = true;
  return reply;
}

Reply redirect(const Routes& routes, const Request& request) {
  const auto hops = number(request.arguments[0], kMostRedirects);
  if (!hops) return bad_number(request.arguments[0], 0, kMostRedirects);
  std::string_view status = "302";
  std::string suffix;
  if (request.arguments.size() > 1) {
    status = request.arguments[1];
    suffix = fmt::format("/{}", status);
  }
  const auto code = number(status, 399);
  if (!code || *code < 300) return bad_number(status, 300, 399);
  if (*hops == 0) return routes.ready_ok();
  Reply reply;
  reply.status = static_cast<int>(*code);
  reply.fields = *hops == 1 ? "Location: /\r\n"
                            : fmt::format("Location: /redirect/{}{}\r\n",
                                          *hops - 1, suffix);
  return reply;
}

// Fields of one name are joined, as RFC 9110 section 5.2 has it.
Reply headers(const Routes&, const Request& request) {
  std::vector<std::pair<std::string_view, std::string>> fields;
  for (const Field& field : request.head.fields) {
    const auto same =
        std::find_if(fields.begin(), fields.end(), [&](const auto& earlier) {
          const Field one{earlier.first, {}};
          return http::find_field({&one, 1}, field.name) != nullptr;
        });
    if (same == fields.end())
      fields.emplace_back(field.name, field.value);
    else
      same->second.append(", ").append(field.value);
  }
  Reply reply;
  reply.body =
      fmt::format(R"({{"method": {}, "target": {}, "headers": {{)",
                  to_json(request.head.method), to_json(request.head.target));
  std::string_view comma;
  for (const auto& [name, value] : fields) {
    reply.body += fmt::format("{}{}: {}", std::exchange(comma, ", "),
                              to_json(name), to_json(value));
  }
  reply.body += "}}";
  return reply;
}

Reply cookies(const Routes&, const Request& request) {
  Reply reply;
  reply.body = R"({"cookies": {)";
  std::string_view comma;
  for (const Field& field : request.head.fields) {
    if (!http::find_field({&field, 1}, "cookie")) continue;
    std::string_view rest = field.value;
    while (!rest.empty()) {
      std::string_view pair = rest.substr(0, rest.find(';'));
      rest.remove_prefix(std::min(rest.size(), pair.size() + 1));
      pair.remove_prefix(std::min(pair.size(), pair.find_first_not_of(" \t")));
      const size_t equals = pair.find('=');
      if (equals == pair.npos) continue;
      reply.body += fmt::format("{}{}: {}", std::exchange(comma, ", "),
                                to_json(pair.substr(0, equals)),
                                to_json(pair.substr(equals + 1)));
    }
  }
  reply.body += "}}";
  return reply;
}

Reply set_cookie(const Routes&, const Request& request) {
  Reply reply;
  reply.tail = kOk;
  reply.fields = fmt::format("Set-Cookie: {}={}; Path=/\r\n",
                             request.arguments[1], request.arguments[2]);
  return reply;
}

// "/cookies/set/NAME/VALUE" shares its first segment with "/cookies".
Reply cookie_routes(const Routes& routes, const Request& request) {
  if (request.arguments.empty()) return cookies(routes, request);
  if (request.arguments.size() == 3 && request.arguments[0] == "set")
    return set_cookie(routes, request);
  return error_reply(404, "nothing is there");
}

Reply close(const Routes&, const Request&) {
  Reply reply;
  reply.tail = kOk;
  reply.ending = Ending::close;
  return reply;
}

Reply chunked(const Routes&, const Request& request) {
  const auto count = number(request.arguments[0], kMostChunks);
  if (!count) return bad_number(request.arguments[0], 0, kMostChunks);
  Reply reply;
  reply.content_type = kText;
  // A client of HTTP/1.0 knows no chunks.
  if (request.head.info.minor_version == 0) {
    reply.repeat = {.block = kChunkData, .bytes = *count * kChunkData.size()};
    return reply;
  }
  reply.chunked = true;
  reply.repeat = {.block = kChunk, .bytes = *count * kChunk.size()};
  reply.tail = kLastChunk;
  return reply;
}

Reply gzip(const Routes& routes, const Request&) {
  return routes.compressed("gzip", routes.gzip_body());
}

Reply deflated(const Routes& routes, const Request&) {
  return routes.compressed("deflate", routes.deflate_body());
}

Reply stats_route(const Routes& routes, const Request&) {
  return routes.stats();
}

Reply truth_as_json(const Routes& routes) {
  Reply reply;
  reply.body = routes.truth().to_json();
  return reply;
}

Reply truth_times(const Routes& routes) {
  Reply reply;
  reply.content_type = kText;
  for (const int64_t ns : routes.truth().times())
    fmt::format_to(std::back_inserter(reply.body), "{}\n", ns);
  return reply;
}

Reply truth_reset(const Routes& routes, const Request& request) {
  if (request.head.method != "POST") {
    Reply reply = error_reply(405, "this forgets the record: POST it");
    reply.fields = "Allow: POST\r\n";
    return reply;
  }
  routes.truth().reset(MonotonicClock::now());
  Reply reply;
  reply.tail = kOk;
  return reply;
}

Reply truth(const Routes& routes, const Request& request) {
  const std::string_view part =
      request.arguments.empty() ? "" : request.arguments[0];
  Reply reply;
  if (!routes.truth().kept())
    reply = error_reply(404, "no record is kept without --truth");
  else if (part.empty())
    reply = truth_as_json(routes);
  else if (part == "times")
    reply = truth_times(routes);
  else if (part == "reset")
    reply = truth_reset(routes, request);
  else
    reply = error_reply(404, "nothing is there");
  reply.counted = false;
  return reply;
}

Reply reset(const Routes&, const Request&) {
  Reply reply;
  reply.ending = Ending::reset;
  return reply;
}

Reply truncate(const Routes&, const Request&) {
  Reply reply;
  reply.tail = kTruncated;
  reply.missing_bytes = kTruncatedMissingBytes;
  reply.ending = Ending::drop;
  return reply;
}

Reply garbage(const Routes&, const Request&) {
  Reply reply;
  reply.tail = kGarbage;
  reply.raw = true;
  reply.ending = Ending::close;
  return reply;
}

Reply slow(const Routes&, const Request& request) {
  const auto count = number(request.arguments[0], kMostBytes);
  if (!count) return bad_number(request.arguments[0], 0, kMostBytes);
  const auto span = number(request.arguments[1], kMostMilliseconds);
  if (!span) return bad_number(request.arguments[1], 0, kMostMilliseconds);
  Reply reply;
  reply.content_type = kText;
  reply.repeat = {.block = kFillerByte,
                  .bytes = *count,
                  .step_bytes = 1,
                  .interval = std::chrono::milliseconds(*span)};
  return reply;
}

Reply never(const Routes&, const Request&) {
  Reply reply;
  reply.ending = Ending::never;
  return reply;
}

Reply early(const Routes&, const Request&) {
  Reply reply;
  reply.tail = kOk;
  reply.early = true;
  return reply;
}

Reply close_idle(const Routes&, const Request&) {
  Reply reply;
  reply.tail = kOk;
  reply.ending = Ending::drop;
  return reply;
}

Reply close_next(const Routes&, const Request&) {
  Reply reply;
  reply.tail = kOk;
  reply.closes_next = true;
  return reply;
}

Reply websocket(const Routes&, const Request& request) {
  const auto terms = read_upgrade(request.head);
  if (terms) return upgrade_reply(request.head, *terms);
  Reply reply = error_reply(426, "this is for WebSockets");
  reply.fields = "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n";
  return reply;
}

// The first segment of a path, and how many may follow.
struct Route {
  std::string_view name;
  size_t arguments_min;
  size_t arguments_max;
  Reply (*answer)(const Routes&, const Request&);
};

constexpr size_t kMostArguments = 3;
constexpr std::array kTable = std::to_array<Route>({
    {"", 0, 0, ok},
    {"json", 0, 0, ok},
    {"bytes", 1, 1, bytes},
    {"status", 1, 1, status},
    {"delay", 1, 1, delay},
    {"lognormal", 2, 2, log_normal},
    {"bimodal", 3, 3, bimodal},
    {"truth", 0, 1, truth},
    {"echo", 0, 0, echo},
    {"redirect", 1, 2, redirect},
    {"headers", 0, 0, headers},
    {"cookies", 0, 3, cookie_routes},
    {"close", 0, 0, close},
    {"chunked", 1, 1, chunked},
    {"gzip", 0, 0, gzip},
    {"deflate", 0, 0, deflated},
    {"stats", 0, 0, stats_route},
    {"reset", 0, 0, reset},
    {"truncate", 0, 0, truncate},
    {"garbage", 0, 0, garbage},
    {"slow", 2, 2, slow},
    {"never", 0, 0, never},
    {"freeze", 1, 1, freeze},
    {"early", 0, 0, early},
    {"close-idle", 0, 0, close_idle},
    {"close-next", 0, 0, close_next},
    {"ws", 0, 0, websocket},
});

// The path's segments; nothing where there are more than any route has.
struct Segments {
  std::array<std::string_view, kMostArguments + 1> parts;
  size_t count = 0;
};

std::optional<Segments> split(std::string_view path) {
  Segments segments;
  if (!path.starts_with('/')) return {};
  while (!path.empty()) {
    path.remove_prefix(1);
    if (segments.count == segments.parts.size()) return {};
    const std::string_view part = path.substr(0, path.find('/'));
    segments.parts[segments.count++] = part;
    path.remove_prefix(part.size());
  }
  return segments;
}

}  // namespace

Routes::Routes(const CounterPage& page, Truth& truth, uint64_t seed)
    : page_(page),
      truth_(truth),
      random_(seed),
      gzip_(compress(kOk, 15 + 16)),
      deflate_(compress(kOk, 15)) {
  Reply reply;
  reply.tail = kOk;
  ready_ = make_head(reply, {.keep_alive = true}, kDateShape).append(kOk);
  set_date(kDateShape);
}

void Routes::set_date(std::string_view date) {
  CHECK(date.size() == kDateShape.size());
  date_ = date;
  ready_.replace(ready_.find(kDateName) + kDateName.size(), date.size(), date);
}

Reply Routes::answer(const http::RequestHead& head) {
  // What load tests ask for, past the table.
  if (head.target == "/" || head.target == "/json") return ready_ok();
  const auto segments = split(path_of(head.target));
  if (!segments) return error_reply(404, "nothing is there");
  const auto arguments =
      std::span(segments->parts).subspan(1, segments->count - 1);
  for (const Route& route : kTable) {
    if (route.name == segments->parts[0] &&
        route.arguments_min <= arguments.size() &&
        arguments.size() <= route.arguments_max)
      return route.answer(*this, {head, arguments, random_});
  }
  return error_reply(404, "nothing is there");
}

Reply Routes::ready_ok() const {
  Reply reply;
  reply.ready = &ready_;
  reply.tail = kOk;
  return reply;
}

Reply Routes::compressed(std::string_view coding,
                         const std::string& body) const {
  Reply reply;
  reply.fields = fmt::format("Content-Encoding: {}\r\n", coding);
  reply.tail = body;
  return reply;
}

Reply Routes::stats() const {
  const Totals totals = page_.totals();
  Reply reply;
  reply.counted = false;
  reply.body = fmt::format(R"({{"requests": {}, "connections": {}}})",
                           totals.requests, totals.connections);
  return reply;
}

}  // namespace molotov::target
