// How many connections a pool has in use, who waits for one, and how long those
// stay that are idle.
#include "http/pool.h"

#include <deque>

#include "http/testing.h"
#include "http/websocket.h"

namespace molotov::http {
namespace {

constexpr std::string_view kEmptyAnswer =
    "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

class PoolTest : public ClientTest {
 protected:
  ~PoolTest() override {
    client_.reset();
    another_client_.reset();
  }

  Pool& use_pool(const PoolOptions& options) {
    pool_ = std::make_unique<Pool>(*context_, options);
    client_->set_pool(*pool_);
    return *pool_;
  }
  // Whether the loop's turns leave it waiting.
  bool stays_queued(Call& call) {
    for (int i = 0; i < 3; i++) loop_->turn(0ns);
    return call->state() == Exchange::State::queued && nobody_connects();
  }
  bool is_sent(Call& call) {
    return until([&] { return call->state() == Exchange::State::waiting; });
  }
  void get_from(const Fd& listener, Call& call) {
    const std::string url =
        "http://127.0.0.1:" + std::to_string(net::port_of(listener.get()));
    start(call, {.target = target(url)});
  }

  std::unique_ptr<Pool> pool_;
  std::unique_ptr<Client> another_client_;
};

TEST_F(PoolTest, AClientHasAHundredPlacesOfItsOwn) {
  std::deque<Call> calls(101);
  for (Call& call : calls) get(call);
  EXPECT_EQ(client_->pool().in_use(), 100U);
  EXPECT_EQ(calls.back()->state(), Exchange::State::queued);
}

TEST_F(PoolTest, OneThatWaitsIsServedOnTheConnectionThatIsFree) {
  use_pool({.limit = 1});
  Call first, second;
  get(first, "/1");
  get(second, "/2");
  Peer peer = accept();
  EXPECT_TRUE(stays_queued(second));
  serve(peer, kEmptyAnswer);
  EXPECT_TRUE(serve(peer, kEmptyAnswer).starts_with("GET /2 "));
  EXPECT_TRUE(ends(second));
  EXPECT_TRUE(second->timings().reused_connection);
  EXPECT_TRUE(nobody_connects());
}

TEST_F(PoolTest, TheyAreServedInTheOrderThatTheyCame) {
  use_pool({.limit = 1});
  std::deque<Call> calls(4);
  for (size_t i = 0; i < calls.size(); i++)
    get(calls[i], "/" + std::to_string(i));
  Peer peer = accept();
  for (size_t i = 0; i < calls.size(); i++)
    EXPECT_TRUE(serve(peer, kEmptyAnswer)
                    .starts_with("GET /" + std::to_string(i) + " "));
}

TEST_F(PoolTest, WhoComesLaterTakesNothingFromThoseThatWait) {
  use_pool({.limit = 1});
  Call first, second, third;
  get(first, "/1");
  get(second, "/2");
  Peer peer = accept();
  EXPECT_TRUE(is_sent(first));
  peer.send(kEmptyAnswer);
  // In the very turn, before the second one has been told.
  EXPECT_TRUE(until([&] { return first.ended(); }));
  get(third, "/3");
  head_at(peer);
  EXPECT_TRUE(serve(peer, kEmptyAnswer).starts_with("GET /2 "));
  EXPECT_TRUE(serve(peer, kEmptyAnswer).starts_with("GET /3 "));
}

TEST_F(PoolTest, OneThatFailsGivesUpItsPlace) {
  use_pool({.limit = 1});
  Call first, second;
  get(first, "/1");
  get(second, "/2");
  Peer peer = accept();
  head_at(peer);
  peer.send("nonsense\r\n\r\n");
  EXPECT_TRUE(ends(first));
  Peer next = accept();
  EXPECT_TRUE(serve(next, kEmptyAnswer).starts_with("GET /2 "));
}

TEST_F(PoolTest, OneThatCannotConnectGivesUpItsPlace) {
  use_pool({.limit = 1});
  const Fd nobody = net::refusing();
  std::deque<Call> calls(50);
  for (Call& call : calls) get_from(nobody, call);
  EXPECT_TRUE(ends(calls.back()));
  for (Call& call : calls) EXPECT_EQ(call.code(), ErrorCode::connect_refused);
  EXPECT_EQ(pool_->in_use(), 0U);
}

TEST_F(PoolTest, WaitingCountsToTheTimeoutOfTheConnection) {
  use_pool({.limit = 1});
  Call first, second;
  get(first);
  ExchangeOptions options;
  options.timeout.connect = 20ms;
  get(second, "/", options);
  EXPECT_TRUE(ends(second));
  EXPECT_EQ(second.code(), ErrorCode::connect_timeout);
  EXPECT_NE(second.detail().find("no place for a connection to 127.0.0.1"),
            std::string::npos)
      << second.detail();
}

TEST_F(PoolTest, WhoGivesUpLeavesTheQueue) {
  Pool& pool = use_pool({.limit = 1});
  Call first, last;
  get(first);
  {
    std::deque<Call> calls(5000);
    for (Call& call : calls) get(call);
    for (size_t i = 0; i < calls.size(); i += 2) calls[i]->cancel();
  }
  get(last, "/last");
  Peer peer = accept();
  serve(peer, kEmptyAnswer);
  EXPECT_TRUE(serve(peer, kEmptyAnswer).starts_with("GET /last "));
  EXPECT_TRUE(ends(last));
  EXPECT_EQ(pool.in_use(), 0U);
}

TEST_F(PoolTest, OneThatHasAPlaceAndGivesUpPassesItOn) {
  use_pool({.limit = 1});
  Call first, second, third;
  get(first, "/1");
  get(second, "/2");
  get(third, "/3");
  Peer peer = accept();
  EXPECT_TRUE(is_sent(first));
  first->cancel();  // the second one has its place, and is not told yet
  second.release();
  Peer next = accept();
  EXPECT_TRUE(serve(next, kEmptyAnswer).starts_with("GET /3 "));
  EXPECT_TRUE(ends(third));
}

TEST_F(PoolTest, OneHostThatIsFullDoesNotHoldUpAnother) {
  use_pool({.limit = 0, .limit_per_host = 1});
  const Fd other_host = listen_on_loopback();
  Call first, second, other;
  get(first, "/1");
  get(second, "/2");
  get_from(other_host, other);
  Peer other_peer = accept(other_host);
  serve(other_peer, kEmptyAnswer);
  EXPECT_TRUE(ends(other));
  Peer peer = accept();
  EXPECT_TRUE(stays_queued(second));
  serve(peer, kEmptyAnswer);
  EXPECT_TRUE(serve(peer, kEmptyAnswer).starts_with("GET /2 "));
  EXPECT_TRUE(ends(second));
}

TEST_F(PoolTest, BothLimitsHold) {
  Pool& pool = use_pool({.limit = 3, .limit_per_host = 2});
  const Fd other_host = listen_on_loopback();
  std::deque<Call> here(4), there(4);
  for (Call& call : here) get(call);
  for (Call& call : there) get_from(other_host, call);
  EXPECT_EQ(pool.in_use(), 3U);
  EXPECT_EQ(here[2]->state(), Exchange::State::queued);
  EXPECT_EQ(there[0]->state(), Exchange::State::connecting);
  EXPECT_EQ(there[1]->state(), Exchange::State::queued);
  // The place goes to whoever came first, and whose host has room.
  there[0]->cancel();
  EXPECT_TRUE(
      until([&] { return there[1]->state() != Exchange::State::queued; }));
  EXPECT_EQ(here[2]->state(), Exchange::State::queued);
  EXPECT_EQ(pool.in_use(), 3U);
}

TEST_F(PoolTest, AConnectionThatIsNotKeptIsClosed) {
  use_pool({.limit = 1, .force_close = true});
  Call first, second;
  get(first);
  get(second);
  Peer peer = accept();
  serve(peer, kEmptyAnswer);
  EXPECT_TRUE(closes(peer));
  Peer next = accept();
  serve(next, kEmptyAnswer);
  EXPECT_TRUE(ends(second));
  EXPECT_FALSE(second->timings().reused_connection);
}

TEST_F(PoolTest, AnIdleConnectionIsClosedInTime) {
  Pool& pool = use_pool({.keep_alive = 10ms});
  Peer peer = kept_connection();
  EXPECT_EQ(pool.idle(), 1U);
  EXPECT_TRUE(closes(peer));
  EXPECT_EQ(pool.idle(), 0U);
}

TEST_F(PoolTest, WithoutAnEndItStays) {
  Pool& pool = use_pool({.keep_alive = {}});
  Peer peer = kept_connection();
  EXPECT_GT(loop_->next_deadline(), loop_->now() + 15s);
  Call call;
  get(call);
  serve(peer, kEmptyAnswer);
  EXPECT_TRUE(ends(call));
  EXPECT_EQ(pool.idle(), 1U);
}

TEST_F(PoolTest, OnceItIsClosedNobodyIsAdmitted) {
  Pool& pool = use_pool({.limit = 1});
  Call first, second, third;
  get(first);
  get(second);
  Peer peer = accept();
  EXPECT_TRUE(is_sent(first));
  pool.close();
  EXPECT_TRUE(ends(second));
  EXPECT_EQ(second.code(), ErrorCode::pool_closed);
  get(third);
  EXPECT_EQ(third.code(), ErrorCode::pool_closed);
  // What is under way comes to its end.
  serve(peer, kEmptyAnswer);
  EXPECT_TRUE(ends(first));
  EXPECT_TRUE(first->done());
  EXPECT_TRUE(closes(peer));
  EXPECT_EQ(pool.in_use(), 0U);
}

TEST_F(PoolTest, ClientsMayShareOne) {
  Pool& pool = use_pool({.limit = 1});
  another_client_ = std::make_unique<Client>(*context_, nullptr);
  another_client_->set_pool(pool);
  Call first, second;
  get(first);
  second.exchange =
      &another_client_->start({.target = target(url("/2"))}, {}, &second);
  Peer peer = accept();
  EXPECT_TRUE(stays_queued(second));
  serve(peer, kEmptyAnswer);
  EXPECT_TRUE(serve(peer, kEmptyAnswer).starts_with("GET /2 "));
  EXPECT_TRUE(ends(second));
}

class SilentListener final : public WebSocketListener {
  void on_readable() override {}
  void on_written() override {}
};

TEST_F(PoolTest, AnUpgradedConnectionKeepsItsPlaceUntilItIsClosed) {
  use_pool({.limit = 1});
  Call first, second;
  get(first);
  get(second, "/2");
  Peer peer = accept();
  serve(peer, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n");
  EXPECT_TRUE(ends(first));
  ASSERT_TRUE(first->is_upgraded());
  SilentListener silent;
  WebSocket socket(*context_, first->take_upgraded(), {}, silent);
  first.release();
  EXPECT_TRUE(stays_queued(second));
  socket.shut();
  Peer next = accept();
  EXPECT_TRUE(serve(next, kEmptyAnswer).starts_with("GET /2 "));
  EXPECT_TRUE(ends(second));
}

TEST_F(PoolTest, WhatIsRepeatedStaysInItsPlace) {
  use_pool({.limit = 1});
  Peer peer = kept_connection();
  Call first, second;
  get(first, "/1");
  get(second, "/2");
  head_at(peer);
  peer.close();  // the kept connection was dead
  Peer next = accept();
  EXPECT_TRUE(serve(next, kEmptyAnswer).starts_with("GET /1 "));
  EXPECT_TRUE(serve(next, kEmptyAnswer).starts_with("GET /2 "));
  EXPECT_TRUE(ends(second));
}

TEST_F(PoolTest, AGatedOneTellsThatItHasItsPlace) {
  use_pool({.limit = 1});
  ExchangeOptions gated;
  gated.gated = true;
  Call first, second;
  get(first);
  get(second, "/2", gated);
  Peer peer = accept();
  EXPECT_EQ(second.places, 0);
  serve(peer, kEmptyAnswer);
  EXPECT_TRUE(until([&] { return second.readies == 1; }));
  EXPECT_EQ(second.places, 1);
  second->proceed();
  serve(peer, kEmptyAnswer);
  EXPECT_TRUE(ends(second));
}

}  // namespace
}  // namespace molotov::http
