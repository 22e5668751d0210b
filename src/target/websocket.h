// The server's end of a WebSocket: sends back what it is sent (RFC 6455).
//
// Passive: a connection that was upgraded hands it bytes, and sends what it
// gives out.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/buffer.h"
#include "http/h1_parser.h"
#include "http/websocket_deflate.h"
#include "http/websocket_reader.h"
#include "target/reply.h"

namespace molotov::target {

// What both ends have agreed on.
struct WebSocketTerms {
  std::string_view subprotocol;  // "" for none; in the request's head
  // Of permessage-deflate (RFC 7692); 0: no compression.
  int server_bits = 0;
  int client_bits = 0;  // said to the client; 0: it is not
  bool server_keeps_context = true;
  bool client_keeps_context = true;
};

// Reads a request for a WebSocket; nothing where it is none that can be had.
std::optional<WebSocketTerms> read_upgrade(const http::RequestHead& head);

// The answer to it: 101, with its fields.
Reply upgrade_reply(const http::RequestHead& head, const WebSocketTerms& terms);

class WebSocket {
 public:
  explicit WebSocket(const WebSocketTerms& terms);

  // Takes `bytes`, unmasking them in place, and appends what is to be sent.
  // Takes no more while `out` is large: returns how many it took.
  size_t echo(std::span<char> bytes, Buffer& out);
  // Nothing more is sent behind what was given out.
  bool closed() const { return closed_; }

 private:
  void answer(const http::WebSocketMessage& message, std::string& out);
  void close(uint16_t code, std::string_view reason, std::string& out);

  http::WebSocketReader reader_;
  std::unique_ptr<http::MessageDeflater> deflater_;
  bool closed_ = false;
};

}  // namespace molotov::target
