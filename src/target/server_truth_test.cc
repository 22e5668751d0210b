// Aim: the server's record of an answer's time begins when the kernel had the
// request and ends when it had the answer, and has each answer once.
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "target/test_client.h"

namespace molotov::target {
namespace {

constexpr std::string_view kOk = R"({"result": "OK"})";

class ServerTruthTest : public testing::Test {
 protected:
  // The kernel needs a moment to begin with stamps, where nobody had them.
  void SetUp() override {
    bool stamped = false;
    for (int tries = 0; tries < 10'000 && !stamped; tries++) {
      server_.truth().reset(MonotonicClock::now());
      get("/");
      stamped = server_.truth().to_json().find(R"("unstamped": 0)") !=
                std::string::npos;
    }
    ASSERT_TRUE(stamped);
    server_.truth().reset(MonotonicClock::now());
  }

  Answer ask(std::string_view method, std::string_view target) {
    TestClient client(server_);
    client.request(method, target);
    return client.answer();
  }
  Answer get(std::string_view target) { return ask("GET", target); }

  // The only time that was recorded.
  Duration recorded() {
    const std::vector<int64_t> times = server_.truth().times();
    EXPECT_EQ(times.size(), 1u);
    return Duration(times.empty() ? -1 : times[0]);
  }

  TestServer server_{100};
};

TEST(ServerWithoutTruthTest, HasNoRecord) {
  TestServer server;
  TestClient client(server);
  client.get("/truth");
  const Answer answer = client.answer();
  EXPECT_EQ(answer.status, 404);
  EXPECT_EQ(answer.body, R"({"error": "no record is kept without --truth"})");
}

TEST_F(ServerTruthTest, IsToldAndForgotten) {
  get("/");
  get("/status/500");
  const auto json = nlohmann::json::parse(get("/truth").body, nullptr, false);
  ASSERT_FALSE(json.is_discarded());
  EXPECT_EQ(json["count"], 2);
  EXPECT_EQ(json["unstamped"], 0);
  EXPECT_GT(json["max_seconds"], 0);
  const std::string times = get("/truth/times").body;
  EXPECT_EQ(std::count(times.begin(), times.end(), '\n'), 2);

  EXPECT_EQ(get("/truth/reset").status, 405);
  EXPECT_EQ(get("/truth/nothing").status, 404);
  EXPECT_EQ(get("/stats").status, 200);
  EXPECT_EQ(server_.truth().times().size(), 2u);
  EXPECT_EQ(ask("POST", "/truth/reset").body, kOk);
  EXPECT_TRUE(get("/truth").body.starts_with(R"({"count": 0, )"));
  EXPECT_EQ(get("/truth/times").body, "");
}

// What the client saw is the most that it can have been.
TEST_F(ServerTruthTest, LiesBetweenTheDelayAndWhatTheClientSees) {
  TestClient client(server_);
  const Instant sent = MonotonicClock::now();
  client.get("/delay/12.5");
  EXPECT_EQ(client.answer().body, kOk);
  const Duration seen = MonotonicClock::now() - sent;
  EXPECT_GE(recorded(), 12'500us);
  EXPECT_LE(recorded(), seen);
}

TEST_F(ServerTruthTest, CountsTheWaitInTheSocket) {
  TestClient client(server_);
  client.get("/");
  client.answer();
  client.get("/");
  const Instant sent = MonotonicClock::now();
  while (MonotonicClock::now() < sent + 3ms) continue;
  client.answer();
  const std::vector<int64_t> times = server_.truth().times();
  ASSERT_EQ(times.size(), 2u);
  EXPECT_GE(Duration(times[1]), 3ms);
}

// The delay runs from the arrival too. Were it not so, no try could take less
// than the sum of both.
TEST_F(ServerTruthTest, AWaitInTheSocketIsPartOfTheDelay) {
  TestClient client(server_);
  client.get("/");
  client.answer();
  Duration least = Duration::max();
  for (int tries = 0; tries < 10 && least >= 70ms; tries++) {
    client.get("/delay/40");
    const Instant sent = MonotonicClock::now();
    while (MonotonicClock::now() < sent + 30ms) continue;
    client.answer();
    least = std::min(least, Duration(server_.truth().times().back()));
  }
  EXPECT_GE(least, 40ms);
  EXPECT_LT(least, 70ms);
}

TEST_F(ServerTruthTest, BeginsWithTheRequestsLastByte) {
  TestClient client(server_);
  client.send("POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 2\r\n\r\n1");
  server_.turn(3);
  const Instant began = MonotonicClock::now();
  client.send("2");
  EXPECT_EQ(client.answer().body, kOk);
  EXPECT_LE(recorded(), MonotonicClock::now() - began);
}

TEST_F(ServerTruthTest, EndsWithTheAnswersLastByte) {
  EXPECT_EQ(get("/slow/4/5").body, "xxxx");
  EXPECT_GE(recorded(), 15ms);
}

TEST_F(ServerTruthTest, HasEachOfPipelinedRequests) {
  TestClient client(server_);
  std::string requests;
  for (int i = 0; i < 30; i++)
    requests += "GET /json HTTP/1.1\r\nHost: t\r\n\r\n";
  client.send(requests);
  for (int i = 0; i < 30; i++) ASSERT_EQ(client.answer().body, kOk);
  EXPECT_EQ(server_.truth().times().size(), 30u);
}

TEST_F(ServerTruthTest, HasNeitherInterimAnswersNorRefusals) {
  TestClient client(server_);
  client.request("POST", "/echo",
                 "Content-Length: 2\r\nExpect: 100-continue\r\n");
  EXPECT_EQ(client.answer().status, 100);
  EXPECT_EQ(server_.truth().times().size(), 0u);
  client.send("hi");
  EXPECT_EQ(client.answer().body, "hi");
  EXPECT_EQ(server_.truth().times().size(), 1u);
  client.send("nonsense\r\n\r\n");
  EXPECT_EQ(client.answer().status, 400);
  EXPECT_EQ(server_.truth().times().size(), 1u);
}

TEST_F(ServerTruthTest, WhoWaitsDoesNotHoldOthers) {
  TestClient waiting(server_);
  waiting.get("/delay/86400000");
  for (int i = 0; i < 10; i++) EXPECT_EQ(get("/lognormal/0.1/1").body, kOk);
  EXPECT_EQ(server_.truth().times().size(), 10u);
  EXPECT_FALSE(waiting.ended());
}

TEST_F(ServerTruthTest, AFreezeIsPaidForByTheOthers) {
  TestClient freezing(server_);
  TestClient other(server_);
  for (TestClient* client : {&freezing, &other}) {
    client->get("/");
    client->answer();
  }
  server_.truth().reset(MonotonicClock::now());
  freezing.get("/freeze/20");
  other.get("/");
  EXPECT_EQ(freezing.answer().body, kOk);
  EXPECT_EQ(other.answer().body, kOk);
  EXPECT_GE(recorded(), 20ms);
}

}  // namespace
}  // namespace molotov::target
