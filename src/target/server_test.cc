// Aim: the server says what a client can check, byte for byte where it
// matters, and misbehaves only when asked to.
#include "target/server.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "http/websocket_frame.h"
#include "target/test_client.h"

namespace molotov::target {
namespace {

constexpr std::string_view kOk = R"({"result": "OK"})";

class ServerTest : public testing::Test {
 protected:
  Answer get(std::string_view target, std::string_view fields = "") {
    TestClient client(server_);
    client.get(target, fields);
    return client.answer();
  }

  TestServer server_;
};

struct Row {
  std::string target;
  int status;
  std::string line;  // of the head
  std::string body;
};

TEST_F(ServerTest, Routes) {
  const std::string ok(kOk);
  const std::string json = "Content-Type: application/json";
  const Row rows[] = {
      {"/", 200, json, ok},
      {"/?a=1", 200, "Content-Length: 16", ok},
      {"http://elsewhere/json", 200, json, ok},
      {"http://elsewhere", 200, json, ok},
      {"/json", 200, json, ok},
      {"/bytes/0", 200, "Content-Length: 0", ""},
      {"/bytes/200001", 200, "Content-Length: 200001",
       std::string(200001, 'x')},
      {"/status/204", 204, "Server: molotarget", ""},
      {"/status/503", 503, json, R"({"status": 503})"},
      {"/status/599", 599, json, R"({"status": 599})"},
      {"/delay/1", 200, json, ok},
      {"/delay/0.5", 200, json, ok},
      {"/lognormal/0.5/0.2", 200, json, ok},
      {"/bimodal/0.5/1/2", 200, json, ok},
      {"/freeze/1", 200, json, ok},
      {"/redirect/2", 302, "Location: /redirect/1", ""},
      {"/redirect/1", 302, "Location: /", ""},
      {"/redirect/0", 200, json, ok},
      {"/redirect/2/307", 307, "Location: /redirect/1/307", ""},
      {"/close", 200, "Connection: close", ok},
      {"/chunked/0", 200, "Transfer-Encoding: chunked", ""},
      {"/chunked/2", 200, "Transfer-Encoding: chunked", "01234567890123456789"},
      {"/gzip", 200, "Content-Encoding: gzip", "\x1f\x8b"},
      {"/deflate", 200, "Content-Encoding: deflate", "\x78\x9c"},
      {"/cookies/set/a/b", 200, "Set-Cookie: a=b; Path=/", ok},
      {"/cookies", 200, json, R"({"cookies": {}})"},
      {"/slow/3/1", 200, "Content-Length: 3", "xxx"},
      {"/close-next", 200, json, ok},
      {"/nothing", 404, json, R"({"error": "nothing is there"})"},
      {"/bytes", 404, json, R"({"error": "nothing is there"})"},
      {"/bytes/1/2", 404, json, R"({"error": "nothing is there"})"},
      {"/a/b/c/d/e/f", 404, json, R"({"error": "nothing is there"})"},
      {"/status/199", 400, json,
       R"({"error": "'199' is not a number from 200 to 599"})"},
      {"/bytes/-1", 400, json,
       R"({"error": "'-1' is not a number from 0 to 1099511627776"})"},
      {"/delay/-0.1", 400, json,
       R"({"error": "'-0.1' is not a number from 0 to 86400000"})"},
      {"/delay/nan", 400, json,
       R"({"error": "'nan' is not a number from 0 to 86400000"})"},
      {"/lognormal/1/11", 400, json,
       R"({"error": "'11' is not a number from 0 to 10"})"},
      {"/lognormal/x/1", 400, json,
       R"({"error": "'x' is not a number from 0 to 86400000"})"},
      {"/bimodal/1/2/0", 400, json,
       R"({"error": "'0' is not a number from 1 to 1000000000"})"},
      {"/freeze/60001", 400, json,
       R"({"error": "'60001' is not a number from 0 to 60000"})"},
  };
  for (const Row& row : rows) {
    const Answer answer = get(row.target);
    EXPECT_EQ(answer.status, row.status) << row.target;
    EXPECT_TRUE(answer.has(row.line)) << row.target << "\n" << answer.head;
    if (row.line.starts_with("Content-Encoding"))
      EXPECT_TRUE(answer.body.starts_with(row.body)) << row.target;
    else
      EXPECT_EQ(answer.body, row.body) << row.target;
  }
}

TEST_F(ServerTest, HeadIsGetWithoutTheBody) {
  for (const char* target :
       {"/", "/bytes/100000", "/chunked/2", "/gzip", "/slow/100/1000"}) {
    TestClient client(server_);
    client.request("HEAD", target);
    client.get("/json");
    const Answer head = client.answer(true);
    EXPECT_EQ(head.status, 200) << target;
    EXPECT_TRUE(head.head.find("Content-Length") != std::string::npos ||
                head.has("Transfer-Encoding: chunked"))
        << head.head;
    EXPECT_EQ(client.answer().body, kOk) << target;
  }
}

TEST_F(ServerTest, HasADate) {
  const Answer answer = get("/");
  tm parts{};
  const size_t at = answer.head.find("\r\nDate: ");
  ASSERT_NE(at, std::string::npos);
  const char* end =
      strptime(&answer.head[at + 8], "%a, %d %b %Y %H:%M:%S GMT", &parts);
  ASSERT_TRUE(end);
  EXPECT_EQ(std::string_view(end, 2), "\r\n");
  EXPECT_NEAR(static_cast<double>(timegm(&parts)),
              static_cast<double>(time(nullptr)), 60);
}

TEST_F(ServerTest, TellsTheRequestsFields) {
  const Answer answer =
      get("/headers?x=1", "A: 1\r\nB: \"q\\\"\r\na: 2\r\nC: \xe9\r\n");
  const auto json = nlohmann::json::parse(answer.body, nullptr, false);
  ASSERT_FALSE(json.is_discarded()) << answer.body;
  EXPECT_EQ(json["method"], "GET");
  EXPECT_EQ(json["target"], "/headers?x=1");
  EXPECT_EQ(json["headers"]["Host"], "test");
  EXPECT_EQ(json["headers"]["A"], "1, 2");
  EXPECT_EQ(json["headers"]["B"], "\"q\\\"");
  EXPECT_EQ(json["headers"]["C"], "\xc3\xa9");
  EXPECT_EQ(json["headers"].size(), 4u);
}

TEST_F(ServerTest, TellsTheCookies) {
  const Answer answer =
      get("/cookies", "Cookie: a=1; b=\"x y\";c=\r\nCookie: d=e=f\r\n");
  EXPECT_EQ(answer.body,
            R"({"cookies": {"a": "1", "b": "\"x y\"", "c": "", "d": "e=f"}})");
}

TEST_F(ServerTest, EchoesBodyAndType) {
  TestClient client(server_);
  client.request("POST", "/echo",
                 "Content-Type: text/x\r\nContent-Length: 5\r\n", "hello");
  const Answer answer = client.answer();
  EXPECT_EQ(answer.body, "hello");
  EXPECT_TRUE(answer.has("Content-Type: text/x"));

  client.request("PUT", "/echo", "Transfer-Encoding: chunked\r\n",
                 "3;x=y\r\nabc\r\n2\r\nde\r\n0\r\nTrailer: x\r\n\r\n");
  const Answer chunked = client.answer();
  EXPECT_EQ(chunked.body, "abcde");
  EXPECT_TRUE(chunked.has("Content-Type: application/octet-stream"));
}

TEST_F(ServerTest, EchoesMoreThanTheSocketsHold) {
  std::string body(8 << 20, ' ');
  for (size_t i = 0; i < body.size(); i++)
    body[i] = static_cast<char>('a' + i * 7 % 26);
  TestClient client(server_);
  client.request("POST", "/echo",
                 fmt::format("Content-Length: {}\r\n", body.size()), body);
  EXPECT_TRUE(client.answer().body == body);
}

TEST_F(ServerTest, RefusesToEchoTooMuch) {
  TestClient client(server_);
  client.request("POST", "/echo", "Content-Length: 67108865\r\n", "some");
  const Answer answer = client.answer();
  EXPECT_EQ(answer.status, 413);
  EXPECT_TRUE(answer.has("Connection: close"));
  EXPECT_EQ(client.rest(), "");
}

TEST_F(ServerTest, DiscardsOtherBodies) {
  TestClient client(server_);
  client.request("POST", "/", "Content-Length: 3000000\r\n",
                 std::string(3000000, 'b'));
  EXPECT_EQ(client.answer().body, kOk);
  client.get("/json");
  EXPECT_EQ(client.answer().body, kOk);
}

TEST_F(ServerTest, ReadsARequestByteByByte) {
  TestClient client(server_);
  const std::string request =
      "POST /echo HTTP/1.1\r\nHost: test\r\nContent-Length: 3\r\n\r\nabc"
      "GET / HTTP/1.1\r\nHost: test\r\n\r\n";
  for (const char byte : request) {
    client.send({&byte, 1});
    server_.turn(2);
  }
  EXPECT_EQ(client.answer().body, "abc");
  EXPECT_EQ(client.answer().body, kOk);
}

TEST_F(ServerTest, AnswersPipelinedRequestsInOrder) {
  TestClient client(server_);
  std::string requests;
  for (int i = 0; i < 500; i++) {
    requests += fmt::format("GET /status/{} HTTP/1.1\r\nHost: t\r\n\r\n",
                            300 + i % 3 + 5);
    requests += "GET /delay/1 HTTP/1.1\r\nHost: t\r\n\r\n";
    requests += "GET / HTTP/1.1\r\nHost: t\r\n\r\n";
  }
  client.send(requests);
  for (int i = 0; i < 500; i++) {
    ASSERT_EQ(client.answer().status, 300 + i % 3 + 5);
    ASSERT_EQ(client.answer().body, kOk);
    ASSERT_EQ(client.answer().body, kOk);
  }
}

TEST_F(ServerTest, PipelinedAnswersWaitForASlowReader) {
  TestClient client(server_);
  for (int i = 0; i < 20; i++) client.get("/bytes/1000000");
  server_.turn(50);
  for (int i = 0; i < 20; i++) ASSERT_EQ(client.answer().body.size(), 1000000u);
}

TEST_F(ServerTest, Http10ClosesUnlessAskedToKeep) {
  TestClient client(server_);
  client.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  const Answer kept = client.answer();
  EXPECT_TRUE(kept.has("Connection: keep-alive"));
  client.send("GET /chunked/2 HTTP/1.0\r\n\r\n");
  const Answer last = client.answer();
  EXPECT_TRUE(last.has("Connection: close"));
  EXPECT_EQ(last.body, "01234567890123456789");
  EXPECT_EQ(client.rest(), "");
}

TEST_F(ServerTest, ClosesWhenTheClientSaysSo) {
  TestClient client(server_);
  client.get("/", "Connection: close\r\n");
  EXPECT_TRUE(client.answer().has("Connection: close"));
  EXPECT_EQ(client.rest(), "");
  EXPECT_FALSE(client.was_reset());
}

TEST_F(ServerTest, AnswersAClientThatHasFinishedSending) {
  TestClient client(server_);
  client.get("/bytes/300000");
  client.finish_sending();
  EXPECT_EQ(client.answer().body.size(), 300000u);
  EXPECT_EQ(client.rest(), "");
}

TEST_F(ServerTest, HonoursExpectContinue) {
  TestClient client(server_);
  client.request("POST", "/echo",
                 "Content-Length: 2\r\nExpect: 100-continue\r\n");
  EXPECT_EQ(client.answer().status, 100);
  client.send("hi");
  EXPECT_EQ(client.answer().body, "hi");
}

TEST_F(ServerTest, MalformedRequestsAreRefusedAndClosed) {
  const std::pair<std::string, int> rows[] = {
      {"nonsense\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost: t\r\nbad field\r\n\r\n", 400},
      {"POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 1\r\n"
       "Transfer-Encoding: chunked\r\n\r\n",
       400},
      {"POST / HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\nz\r\n",
       400},
      {"GET / HTTP/1.1\r\nA: " + std::string(9000, 'a') + "\r\n\r\n", 431},
  };
  for (const auto& [bytes, status] : rows) {
    TestClient client(server_);
    client.send(bytes);
    const Answer answer = client.answer();
    EXPECT_EQ(answer.status, status) << bytes;
    EXPECT_TRUE(answer.has("Connection: close"));
    EXPECT_EQ(client.rest(), "");
    EXPECT_FALSE(client.was_reset()) << bytes;
  }
}

TEST_F(ServerTest, Resets) {
  TestClient client(server_);
  client.get("/reset");
  EXPECT_EQ(client.rest(), "");
  EXPECT_TRUE(client.was_reset());
}

TEST_F(ServerTest, Truncates) {
  TestClient client(server_);
  client.get("/truncate");
  EXPECT_EQ(client.answer().body, R"({"result": )");
  EXPECT_TRUE(client.ended());
}

TEST_F(ServerTest, SendsGarbage) {
  TestClient client(server_);
  client.get("/garbage");
  const std::string bytes = client.rest();
  EXPECT_FALSE(bytes.empty());
  EXPECT_FALSE(bytes.starts_with("HTTP/"));
}

TEST_F(ServerTest, NeverAnswersAndOthersDoNotMind) {
  TestClient silent(server_);
  silent.get("/never");
  for (int i = 0; i < 100; i++) EXPECT_EQ(get("/").body, kOk);
  EXPECT_FALSE(silent.ended());
  EXPECT_EQ(server_.totals().requests, 101u);
}

TEST_F(ServerTest, AnswersEarly) {
  TestClient client(server_);
  client.request("POST", "/early", "Content-Length: 4\r\n", "ab");
  EXPECT_EQ(client.answer().body, kOk);
  client.send("cd");
  client.get("/status/404");
  EXPECT_EQ(client.answer().status, 404);
}

TEST_F(ServerTest, AnswersEarlyInsteadOfContinue) {
  TestClient client(server_);
  client.request("POST", "/early",
                 "Content-Length: 4\r\nExpect: 100-continue\r\n");
  const Answer answer = client.answer();
  EXPECT_EQ(answer.status, 200);
  EXPECT_TRUE(answer.has("Connection: close"));
  EXPECT_EQ(client.rest(), "");
}

TEST_F(ServerTest, ClosesIdleConnectionsUnannounced) {
  TestClient client(server_);
  client.get("/close-idle");
  const Answer answer = client.answer();
  EXPECT_EQ(answer.body, kOk);
  EXPECT_FALSE(answer.has("Connection: close"));
  EXPECT_EQ(client.rest(), "");
}

TEST_F(ServerTest, ClosesAtTheNextRequest) {
  TestClient client(server_);
  client.get("/close-next");
  EXPECT_EQ(client.answer().body, kOk);
  EXPECT_FALSE(client.ended());
  client.get("/");
  EXPECT_EQ(client.rest(), "");
}

TEST_F(ServerTest, CountsAllButTheCounting) {
  for (int i = 0; i < 3; i++) get("/");
  TestClient client(server_);
  client.get("/json");
  client.answer();
  client.get("/stats");
  EXPECT_EQ(client.answer().body, R"({"requests": 4, "connections": 4})");
  EXPECT_EQ(get("/stats").body, R"({"requests": 4, "connections": 4})");
}

TEST_F(ServerTest, ForgetsClientsThatGiveUp) {
  for (const char* target :
       {"/never", "/delay/86400000", "/slow/2/86400000", "/bytes/1000000000"}) {
    TestClient client(server_);
    client.get(target);
    server_.turn_until([&, before = server_.totals().requests] {
      return server_.totals().requests > before;
    });
    EXPECT_EQ(server_.connections(), 1u) << target;
    client.close();
    EXPECT_TRUE(server_.turn_until([&] { return server_.connections() == 0; }))
        << target;
  }
}

// RFC 6455 section 1.3 has this key and what is answered to it.
constexpr std::string_view kUpgrade =
    "Upgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

std::string masked(http::Opcode opcode, std::string_view payload) {
  std::string frame;
  http::append_frame(frame, {.opcode = opcode}, payload,
                     http::MaskKey{'a', 'b', 'c', 'd'});
  return frame;
}

TEST_F(ServerTest, WebSocketEchoes) {
  TestClient client(server_);
  client.get("/ws",
             std::string(kUpgrade) + "Sec-WebSocket-Protocol: chat, other\r\n");
  const Answer answer = client.answer();
  EXPECT_EQ(answer.status, 101);
  EXPECT_TRUE(answer.has("Upgrade: websocket"));
  EXPECT_TRUE(answer.has("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo="));
  EXPECT_TRUE(answer.has("Sec-WebSocket-Protocol: chat"));
  EXPECT_EQ(answer.head.find("Extensions"), std::string::npos);
  client.send(masked(http::Opcode::text, "hello"));
  EXPECT_EQ(client.bytes(7), "\x81\x05hello");
  client.send(masked(http::Opcode::ping, "p") +
              masked(http::Opcode::pong, "unasked") +
              masked(http::Opcode::binary, "b"));
  EXPECT_EQ(client.bytes(6),
            "\x8a\x01p\x82\x01"
            "b");
  const std::string big(1 << 20, 'x');
  client.send(masked(http::Opcode::binary, big));
  EXPECT_EQ(client.bytes(10 + big.size()).substr(10), big);
  client.send(masked(http::Opcode::close, http::close_payload(4000, "bye")));
  EXPECT_EQ(client.rest(),
            "\x88\x05\x0f\xa0"
            "bye");
}

TEST_F(ServerTest, WebSocketRefusesWhatIsNone) {
  EXPECT_EQ(get("/ws").status, 426);
  EXPECT_TRUE(get("/ws").has("Sec-WebSocket-Version: 13"));
  TestClient client(server_);
  client.get("/ws", kUpgrade);
  EXPECT_EQ(client.answer().status, 101);
  client.send("\x81\x01x");
  EXPECT_EQ(client.rest().substr(2, 2), "\x03\xea");
}

struct Offer {
  std::string_view offered;
  std::string_view agreed;  // "" for none
};

TEST_F(ServerTest, WebSocketCompression) {
  const Offer rows[] = {
      {"permessage-deflate", "permessage-deflate"},
      {"x, permessage-deflate; client_max_window_bits", "permessage-deflate"},
      {"permessage-deflate; server_max_window_bits=10",
       "permessage-deflate; server_max_window_bits=10"},
      {"permessage-deflate; server_max_window_bits=8, permessage-deflate",
       "permessage-deflate"},
      {"permessage-deflate; client_max_window_bits=\"9\"; "
       "server_no_context_takeover; client_no_context_takeover",
       "permessage-deflate; server_no_context_takeover; "
       "client_no_context_takeover; client_max_window_bits=9"},
      {"permessage-deflate; unknown", ""},
      {"other", ""},
  };
  for (const Offer& row : rows) {
    const Answer answer =
        get("/ws", fmt::format("{}Sec-WebSocket-Extensions: {}\r\n", kUpgrade,
                               row.offered));
    EXPECT_EQ(answer.status, 101);
    EXPECT_EQ(answer.head.find("Extensions") != std::string::npos,
              !row.agreed.empty())
        << row.offered;
    if (!row.agreed.empty()) {
      EXPECT_TRUE(
          answer.has(fmt::format("Sec-WebSocket-Extensions: {}", row.agreed)))
          << row.offered << answer.head;
    }
  }
}

}  // namespace
}  // namespace molotov::target
