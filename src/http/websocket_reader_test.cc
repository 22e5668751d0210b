// Aim: what the Autobahn test suite asks of a client's reading, as a table of
// bytes and what they are read as: whole, byte by byte, and in all pairs of
// pieces.
#include "http/websocket_reader.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace molotov::http {
namespace {

using namespace std::string_literals;

std::string frame(int first, std::string_view payload) {
  std::string out;
  append_frame(out,
               {.fin = (first & 0x80) != 0,
                .compressed = (first & 0x40) != 0,
                .opcode = static_cast<Opcode>(first & 0xf)},
               payload, {});
  out[0] = static_cast<char>(first);
  return out;
}

std::string close(int code, std::string_view reason = "") {
  return frame(0x88, close_payload(static_cast<uint16_t>(code), reason));
}

std::string shown(const WebSocketMessage& message) {
  std::string payload(message.payload);
  if (payload.size() > 40)
    payload = fmt::format("{}*{}", payload[0], payload.size());
  switch (message.opcode) {
    case Opcode::text:
      return "text " + payload;
    case Opcode::ping:
      return "ping " + payload;
    case Opcode::pong:
      return "pong " + payload;
    case Opcode::close:
      return fmt::format("close {} {}", message.close_code, payload);
    default:
      return "binary " + payload;
  }
}

std::string read(const WebSocketReaderOptions& options,
                 const std::vector<std::string_view>& pieces) {
  WebSocketReader reader(options);
  std::string events;
  for (const std::string_view given : pieces) {
    std::string piece(given);
    std::span<char> bytes(piece);
    for (;;) {
      WebSocketMessage message;
      const auto status = reader.read(bytes, message);
      if (status == WebSocketReader::Status::needs_more) {
        EXPECT_TRUE(bytes.empty());
        break;
      }
      if (status == WebSocketReader::Status::failed) {
        EXPECT_TRUE(reader.has_failed());
        return events + fmt::format("!{} {}", reader.failure().close_code,
                                    reader.failure().what);
      }
      events += shown(message) + "|";
    }
  }
  return events;
}

void expect(const std::string& bytes, const std::string& events,
            const WebSocketReaderOptions& options = {}) {
  const std::string_view view(bytes);
  EXPECT_EQ(read(options, {view}), events);
  std::vector<std::string_view> single;
  for (size_t i = 0; i < view.size() && view.size() < 2000; i++)
    single.push_back(view.substr(i, 1));
  if (!single.empty()) {
    EXPECT_EQ(read(options, single), events);
  }
  for (size_t at = 0; at < view.size() && at < 64; at++)
    EXPECT_EQ(read(options, {view.substr(0, at), view.substr(at)}), events)
        << at;
}

// Autobahn 1.*, 2.*
TEST(WebSocketReader, MessagesAndPings) {
  for (const size_t size : {1, 125, 126, 127, 128, 65535, 65536}) {
    const std::string payload(size, '*');
    const std::string text = size > 40 ? fmt::format("**{}", size) : payload;
    expect(frame(0x81, payload), "text " + text + "|");
    expect(frame(0x82, payload), "binary " + text + "|");
  }
  expect(frame(0x81, ""), "text |");
  expect(frame(0x82, ""), "binary |");
  expect(frame(0x89, ""), "ping |");
  expect(frame(0x89, "\x00\xff\xfe"s), "ping \x00\xff\xfe|"s);
  expect(frame(0x89, std::string(125, '\xfe')), "ping \xfe*125|");
  expect(frame(0x8a, "unasked"), "pong unasked|");
  expect(frame(0x8a, "") + frame(0x89, "x"), "pong |ping x|");
  expect(frame(0x89, std::string(126, 'x')),
         "!1002 Control frame payload cannot be larger than 125 bytes");
}

// 3.*
TEST(WebSocketReader, ReservedBits) {
  const std::string bad = "!1002 Received frame with non-zero reserved bits";
  for (const int bits : {0x10, 0x20, 0x30, 0x40, 0x50, 0x60, 0x70}) {
    for (const int opcode : {1, 2, 8, 9, 10})
      expect(frame(0x81, "x") + frame(0x80 | bits | opcode, "x"),
             "text x|" + bad);
  }
  for (const int bits : {0x10, 0x20, 0x30, 0x50, 0x60, 0x70})
    expect(frame(0x81 | bits, ""), bad, {.inflates = true});
}

// 4.*
TEST(WebSocketReader, UnknownOpcodes) {
  for (const int opcode : {3, 4, 5, 6, 7, 11, 12, 13, 14, 15})
    expect(frame(0x81, "x") + frame(0x80 | opcode, "x"),
           fmt::format("text x|!1002 Unexpected opcode={}", opcode));
}

// 5.*
TEST(WebSocketReader, Fragments) {
  const std::string not_started =
      "!1002 Continuation frame for non started message";
  const std::string unexpected =
      "!1002 The opcode in non-fin frame is expected to be zero, got ";
  expect(frame(0x09, "x"), "!1002 Received fragmented control frame");
  expect(frame(0x0a, "x"), "!1002 Received fragmented control frame");
  expect(frame(0x08, ""), "!1002 Received fragmented control frame");
  expect(frame(0x01, "a") + frame(0x80, "b"), "text ab|");
  expect(frame(0x02, "a") + frame(0x00, "b") + frame(0x80, "c"), "binary abc|");
  expect(frame(0x01, "a") + frame(0x89, "p") + frame(0x80, "b"),
         "ping p|text ab|");
  expect(frame(0x01, "a") + frame(0x89, "p") + frame(0x00, "") +
             frame(0x8a, "q") + frame(0x80, "b") + frame(0x81, "c"),
         "ping p|pong q|text ab|text c|");
  expect(frame(0x01, "") + frame(0x00, "") + frame(0x80, ""), "text |");
  expect(frame(0x01, "") + frame(0x80, "x"), "text x|");
  expect(frame(0x80, "x"), not_started);
  expect(frame(0x00, "x"), not_started);
  expect(frame(0x81, "a") + frame(0x80, "x"), "text a|" + not_started);
  expect(frame(0x01, "a") + frame(0x80, "b") + frame(0x00, "c"),
         "text ab|" + not_started);
  expect(frame(0x01, "a") + frame(0x81, "b"), unexpected + "1");
  expect(frame(0x01, "") + frame(0x81, "b"), unexpected + "1");
  expect(frame(0x01, "a") + frame(0x02, "b"), unexpected + "2");
}

// 6.*
TEST(WebSocketReader, Text) {
  const std::string bad = "!1007 Invalid UTF-8 text message";
  expect(frame(0x81, "κόσμε"), "text κόσμε|");
  expect(frame(0x01, "\xce") + frame(0x80, "\xba"), "text κ|");
  expect(frame(0x01, "\xce") + frame(0x00, "") + frame(0x80, "\xba"),
         "text κ|");
  for (const char* text :
       {"\xff", "\xc0\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xce",
        "ok\xf8\x88\x80\x80\x80", "\xe0\x80\xaf"}) {
    expect(frame(0x81, text), bad);
    expect(frame(0x01, text) + frame(0x80, ""), bad);
    expect(frame(0x82, text), fmt::format("binary {}|", text));
    expect(frame(0x81, text), fmt::format("text {}|", text),
           {.checks_text = false});
  }
}

// 7.*
TEST(WebSocketReader, Closing) {
  expect(frame(0x88, ""), "close 0 |");
  expect(close(1000), "close 1000 |");
  expect(close(1000, "bye é"), "close 1000 bye é|");
  expect(close(1000, std::string(123, '*')), "close 1000 **123|");
  expect(frame(0x88, "\x03\xe8" + std::string(124, '*')),
         "!1002 Control frame payload cannot be larger than 125 bytes");
  expect(close(1000, "\xce\xba\xe1\xbd\xff"),
         "!1007 Invalid UTF-8 text message");
  expect(frame(0x88, "x"), "!1002 Invalid close frame: False 8 b'x'");
  expect(frame(0x88, "\\"), "!1002 Invalid close frame: False 8 b'\\\\'");
  expect(frame(0x88, "\n"), "!1002 Invalid close frame: False 8 b'\\n'");
  expect(frame(0x88, "\x80"), "!1002 Invalid close frame: False 8 b'\\x80'");
  expect(frame(0x81, "") + frame(0x88, "x"),
         "text |!1002 Invalid close frame: True 8 b'x'");
  for (const int code : {1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011,
                         1012, 1013, 1014, 3000, 3999, 4000, 4999})
    expect(close(code), fmt::format("close {} |", code));
  for (const int code : {0, 999, 1004, 1005, 1015, 1016, 1100, 2000, 2999})
    expect(close(code), fmt::format("!1002 Invalid close code: {}", code));
}

// 9.*, 10.*
TEST(WebSocketReader, Limits) {
  const WebSocketReaderOptions ten{.message_bytes_max = 10};
  const std::string big = "!1009 Message size {} exceeds limit 10";
  expect(frame(0x82, "123456789"), "binary 123456789|", ten);
  expect(frame(0x82, "1234567890"), "!1009 Message size 10 exceeds limit 10",
         ten);
  expect(frame(0x02, "12345") + frame(0x80, "6789"), "binary 123456789|", ten);
  expect(frame(0x02, "12345") + frame(0x80, "67890"),
         "!1009 Message size 10 exceeds limit 10", ten);
  expect(frame(0x89, "longer than ten"), "ping longer than ten|", ten);
  // Known by the head alone.
  expect("\x82\x7f\x00\x00\x00\x00\xff\xff\xff\xff"s,
         "!1009 Message size 4294967295 exceeds limit 10", ten);
  expect("\x82\x7f\x80\x00\x00\x00\x00\x00\x00\x00"s,
         "!1009 Message size 9223372036854775808 exceeds limit "
         "9223372036854775807");
  std::string fragments = frame(0x01, "");
  for (int i = 0; i < 1000; i++) fragments += frame(0x00, "*");
  expect(fragments + frame(0x80, ""), "text **1000|");
}

TEST(WebSocketReader, Masks) {
  std::string masked;
  append_frame(masked, {.opcode = Opcode::text}, "masked text that is longer",
               MaskKey{'a', 'b', 'c', 'd'});
  append_frame(masked, {.opcode = Opcode::ping}, "ping",
               MaskKey{'\x00', '\xff', 'c', 'd'});
  const std::string events = "text masked text that is longer|ping ping|";
  expect(masked, events);
  expect(masked, events, {.requires_mask = true});
  expect(masked + frame(0x81, "x"),
         events + "!1002 Received frame without a mask",
         {.requires_mask = true});
}

// 12.*, 13.*
TEST(WebSocketReader, Compression) {
  const WebSocketReaderOptions inflates{.inflates = true};
  // RFC 7692 section 7.2.3: one block, twice with a shared window, a stored
  // block, a last block, two blocks.
  const std::string hello = "\xf2\x48\xcd\xc9\xc9\x07\x00"s;
  expect(frame(0xc1, hello), "text Hello|", inflates);
  expect(frame(0x41, hello.substr(0, 3)) + frame(0x89, "p") +
             frame(0x80, hello.substr(3)),
         "ping p|text Hello|", inflates);
  expect(frame(0xc1, hello) + frame(0xc1, "\xf2\x00\x11\x00\x00"s),
         "text Hello|text Hello|", inflates);
  expect(frame(0xc1, hello) + frame(0xc1, hello), "text Hello|text Hello|",
         {.inflates = true, .keeps_context = false});
  expect(frame(0xc1, "\x00\x05\x00\xfa\xff\x48\x65\x6c\x6c\x6f\x00"s),
         "text Hello|", inflates);
  expect(frame(0xc1, "\xf3\x48\xcd\xc9\xc9\x07\x00\x00"s) + frame(0xc1, hello),
         "text Hello|text Hello|", inflates);
  expect(frame(0xc1, "\xf2\x48\x05\x00\x00\x00\xff\xff\xca\xc9\xc9\x07\x00"s),
         "text Hello|", inflates);
  expect(frame(0xc1, "") + frame(0x81, "plain"), "text |text plain|", inflates);
  expect(frame(0x01, "a") + frame(0xc0, "b"),
         "!1002 Received frame with non-zero reserved bits", inflates);
  expect(frame(0xc2, "garbage!"),
         "!0 Error -3 while decompressing data: invalid block type", inflates);
}

}  // namespace
}  // namespace molotov::http
