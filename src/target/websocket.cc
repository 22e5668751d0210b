#include "target/websocket.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <array>
#include <charconv>
#include <utility>

#include "http/syntax.h"

namespace molotov::target {

namespace {

using http::Field;
using http::Opcode;

constexpr std::string_view kGuid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
constexpr uint64_t kMessageBytesMax = uint64_t{64} << 20;
// What is answered waits until the client has read so much of it.
constexpr size_t kUnsentBytesMax = size_t{256} << 10;

std::string_view value_of(const http::RequestHead& head,
                          std::string_view name) {
  const Field* field = http::find_field(head.fields, name);
  return field ? field->value : std::string_view();
}

// RFC 6455 section 4.2.2.
std::string accept_key(std::string_view key) {
  const std::string text = std::string(key) + std::string(kGuid);
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
  unsigned size = 0;
  EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha1(),
             nullptr);
  std::array<unsigned char, 2 * EVP_MAX_MD_SIZE> coded;
  const int length =
      EVP_EncodeBlock(coded.data(), digest.data(), static_cast<int>(size));
  return {reinterpret_cast<const char*>(coded.data()),
          static_cast<size_t>(length)};
}

std::string_view take_until(std::string_view& text, char separator) {
  const size_t end = text.find(separator);
  const std::string_view taken = text.substr(0, end);
  text.remove_prefix(end == text.npos ? text.size() : end + 1);
  return http::trim(taken);
}

// The number of a parameter with window bits; 0 where it is none of 9 to 15.
int bits_of(std::string_view text) {
  if (text.size() > 1 && text.starts_with('"')) {
    text.remove_prefix(1);
    text.remove_suffix(1);
  }
  int bits = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, bits);
  const bool fits = error == std::errc() && stop == end &&
                    bits >= http::kWindowBitsMin &&
                    bits <= http::kWindowBitsMax;
  return fits ? bits : 0;
}

// Takes one parameter of an offer (RFC 7692 section 7.1). False where the offer
// cannot be taken.
bool take_parameter(std::string_view parameter, WebSocketTerms& terms) {
  const std::string_view name = take_until(parameter, '=');
  if (name == "server_no_context_takeover") {
    terms.server_keeps_context = false;
  } else if (name == "client_no_context_takeover") {
    terms.client_keeps_context = false;
  } else if (name == "server_max_window_bits") {
    return (terms.server_bits = bits_of(parameter)) != 0;
  } else if (name == "client_max_window_bits") {
    if (parameter.empty()) return true;
    return (terms.client_bits = bits_of(parameter)) != 0;
  } else {
    return false;
  }
  return true;
}

void read_offers(std::string_view offers, WebSocketTerms& terms) {
  while (!offers.empty()) {
    std::string_view offer = take_until(offers, ',');
    if (take_until(offer, ';') != "permessage-deflate") continue;
    WebSocketTerms taken;
    taken.server_bits = http::kWindowBitsMax;
    bool fits = true;
    while (fits && !offer.empty())
      fits = take_parameter(take_until(offer, ';'), taken);
    if (!fits) continue;
    taken.subprotocol = terms.subprotocol;
    terms = taken;
    return;
  }
}

std::string extension(const WebSocketTerms& terms) {
  std::string text = "Sec-WebSocket-Extensions: permessage-deflate";
  if (!terms.server_keeps_context) text += "; server_no_context_takeover";
  if (!terms.client_keeps_context) text += "; client_no_context_takeover";
  if (terms.server_bits != http::kWindowBitsMax)
    text += fmt::format("; server_max_window_bits={}", terms.server_bits);
  if (terms.client_bits)
    text += fmt::format("; client_max_window_bits={}", terms.client_bits);
  return text + "\r\n";
}

}  // namespace

std::optional<WebSocketTerms> read_upgrade(const http::RequestHead& head) {
  if (!http::list_contains(value_of(head, "upgrade"), "websocket") ||
      !http::list_contains(value_of(head, "connection"), "upgrade") ||
      value_of(head, "sec-websocket-version") != "13" ||
      value_of(head, "sec-websocket-key").empty())
    return {};
  WebSocketTerms terms;
  std::string_view protocols = value_of(head, "sec-websocket-protocol");
  terms.subprotocol = take_until(protocols, ',');
  read_offers(value_of(head, "sec-websocket-extensions"), terms);
  return terms;
}

Reply upgrade_reply(const http::RequestHead& head,
                    const WebSocketTerms& terms) {
  Reply reply;
  reply.status = 101;
  reply.fields = fmt::format(
      "Upgrade: websocket\r\nConnection: upgrade\r\n"
      "Sec-WebSocket-Accept: {}\r\n",
      accept_key(value_of(head, "sec-websocket-key")));
  if (!terms.subprotocol.empty())
    reply.fields +=
        fmt::format("Sec-WebSocket-Protocol: {}\r\n", terms.subprotocol);
  if (terms.server_bits) reply.fields += extension(terms);
  reply.websocket = std::make_unique<WebSocket>(terms);
  return reply;
}

WebSocket::WebSocket(const WebSocketTerms& terms)
    : reader_({.requires_mask = true,
               .inflates = terms.server_bits > 0,
               .keeps_context = terms.client_keeps_context,
               .message_bytes_max = kMessageBytesMax}) {
  if (terms.server_bits)
    deflater_ = std::make_unique<http::MessageDeflater>(
        terms.server_bits, terms.server_keeps_context);
}

size_t WebSocket::echo(std::span<char> bytes, Buffer& out) {
  const size_t given = bytes.size();
  std::string answers;
  while (!closed_ && out.size() + answers.size() < kUnsentBytesMax) {
    http::WebSocketMessage message;
    const auto status = reader_.read(bytes, message);
    if (status == http::WebSocketReader::Status::needs_more) break;
    if (status == http::WebSocketReader::Status::message) {
      answer(message, answers);
      continue;
    }
    const http::WebSocketFailure& failure = reader_.failure();
    close(failure.close_code ? failure.close_code : http::kCloseInvalidText,
          failure.what.substr(0, http::kControlPayloadMax - 2), answers);
  }
  out.append(answers);
  return given - bytes.size();
}

void WebSocket::answer(const http::WebSocketMessage& message,
                       std::string& out) {
  switch (message.opcode) {
    case Opcode::close:
      return close(message.close_code, message.payload, out);
    case Opcode::ping:
      return http::append_frame(out, {.opcode = Opcode::pong}, message.payload,
                                {});
    case Opcode::pong:
      return;
    default:
      break;
  }
  std::string packed;
  const bool compressed =
      deflater_ && deflater_->deflate(message.payload, packed);
  http::append_frame(out, {.compressed = compressed, .opcode = message.opcode},
                     compressed ? packed : message.payload, {});
}

void WebSocket::close(uint16_t code, std::string_view reason,
                      std::string& out) {
  closed_ = true;
  http::append_frame(out, {.opcode = Opcode::close},
                     code ? http::close_payload(code, reason) : std::string(),
                     {});
}

}  // namespace molotov::target
