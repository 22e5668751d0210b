// Bodies: decoded, large, held back while nobody takes them, sent in parts,
// and answered before they were sent.
#include <zlib.h>

#include "http/testing.h"

namespace molotov::http {
namespace {

constexpr size_t kMiB = 1 << 20;

// As gzip, or with zlib's wrapping (HTTP's "deflate").
std::string compressed(std::string_view text, bool gzip) {
  z_stream stream{};
  EXPECT_EQ(deflateInit2(&stream, 6, Z_DEFLATED, gzip ? 31 : 15, 8,
                         Z_DEFAULT_STRATEGY),
            Z_OK);
  std::string out(deflateBound(&stream, text.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

std::string answer(std::string_view coding, const std::string& body) {
  return "HTTP/1.1 200 OK\r\nContent-Encoding: " + std::string(coding) +
         "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
         body;
}

std::string pattern(size_t bytes) {
  std::string text(bytes, '\0');
  for (size_t i = 0; i < bytes; i++)
    text[i] = static_cast<char>('a' + (i * 7 + i / 4096) % 26);
  return text;
}

class BodyTest : public ClientTest {
 protected:
  // Sends in turn with the client's reading, until all went or `stop`.
  size_t pump(
      Peer& peer, std::string_view bytes,
      const std::function<bool()>& stop = [] { return false; }) {
    size_t sent = 0;
    EXPECT_TRUE(until([&] {
      sent += peer.send_some(bytes.substr(sent));
      return sent == bytes.size() || stop();
    }));
    return sent;
  }
  // Sends until neither side moves: the client has stopped reading.
  size_t pump_until_stuck(Peer& peer, std::string_view bytes) {
    int idle = 0;
    size_t sent = 0;
    EXPECT_TRUE(until([&] {
      const size_t more = peer.send_some(bytes.substr(sent));
      sent += more;
      idle = more ? 0 : idle + 1;
      return sent == bytes.size() || idle == 50;
    }));
    return sent;
  }
  static std::string ok(size_t length) {
    return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(length) +
           "\r\n\r\n";
  }
};

TEST_F(BodyTest, IsDecoded) {
  const std::string text = pattern(50000);
  for (const bool gzip : {true, false}) {
    client_->pool().close_idle();
    const std::string sent =
        answer(gzip ? "gzip" : "deflate", compressed(text, gzip));
    Call call;
    get(call);
    Peer peer = accept();
    serve(peer, sent);
    ASSERT_TRUE(ends(call));
    EXPECT_TRUE(call->body() == text);
    EXPECT_EQ(call->bytes_received(), sent.size());
    Call raw;
    get(raw, "/", {.decode_content = false});
    serve(peer, sent);
    ASSERT_TRUE(ends(raw));
    EXPECT_TRUE(sent.ends_with(raw->body()));
    EXPECT_FALSE(raw->body() == text);
  }
}

TEST_F(BodyTest, TellsWhereChunksEnd) {
  Call call;
  get(call);
  Peer peer = accept();
  head_at(peer);
  peer.send(
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
      "3\r\none\r\n3\r\ntwo\r\n2\r\nt");
  ASSERT_TRUE(until([&] { return call->body().size() == 7; }));
  EXPECT_EQ(call->chunk_ends(), (std::vector<uint64_t>{3, 6}));
  call->consume_body(4);
  EXPECT_EQ(call->consumed_bytes(), 4u);
  peer.send("h\r\n0\r\n\r\n");
  ASSERT_TRUE(ends(call));
  EXPECT_EQ(call->chunk_ends(), (std::vector<uint64_t>{3, 6, 8}));

  // Who wants all has no use for them.
  Call whole;
  get(whole);
  whole->want_all();
  serve(peer,
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        "3\r\none\r\n0\r\n\r\n");
  ASSERT_TRUE(ends(whole));
  EXPECT_TRUE(whole->chunk_ends().empty());
}

TEST_F(BodyTest, ThatIsNotSaidToBeThereIsNotReadWhereThatIsAsked) {
  Call call;
  get(call, "/", {.read_until_close = false});
  Peer peer = accept();
  serve(peer, "HTTP/1.1 200 OK\r\n\r\nbytes");
  ASSERT_TRUE(ends(call));
  EXPECT_TRUE(call->done());
  EXPECT_EQ(call->body(), "");
}

TEST_F(BodyTest, ThatDoesNotDecodeFails) {
  const std::string whole = compressed(pattern(5000), true);
  for (const std::string& body :
       {whole.substr(0, whole.size() / 2), std::string("not gzip at all")}) {
    client_->pool().close_idle();
    seen_.clear();
    Call call;
    get(call);
    Peer peer = accept();
    serve(peer, answer("gzip", body));
    ASSERT_TRUE(ends(call));
    EXPECT_EQ(call.code(), ErrorCode::http_content_coding);
    EXPECT_EQ(call.heads, 1);
    ASSERT_EQ(seen_.size(), 1u);
    EXPECT_EQ(seen_[0].code, ErrorCode::http_content_coding);
  }
}

TEST_F(BodyTest, IsNotReadFurtherWhileNobodyTakesIt) {
  const std::string body = pattern(10 * kMiB);
  const std::string all = ok(body.size()) + body;
  Call call;
  get(call);
  Peer peer = accept();
  head_at(peer);
  size_t sent = pump_until_stuck(peer, all);
  EXPECT_LT(sent, all.size());
  const size_t held = call->body().size();
  EXPECT_GT(held, ExchangeOptions().read_buffer_bytes);
  EXPECT_LE(held, ExchangeOptions().read_buffer_bytes + 65536);

  std::string taken;
  ASSERT_TRUE(until([&] {
    sent += peer.send_some(std::string_view(all).substr(sent));
    taken += call->body();
    call->consume_body(call->body().size());
    return call.ended();
  }));
  EXPECT_TRUE(call->done());
  taken += call->body();
  EXPECT_TRUE(taken == body);
}

TEST_F(BodyTest, IsReadWhollyWhenAllIsWanted) {
  const std::string body = pattern(10 * kMiB);
  const std::string all = ok(body.size()) + body;
  Call call;
  get(call);
  Peer peer = accept();
  head_at(peer);
  const size_t sent = pump_until_stuck(peer, all);
  EXPECT_LT(sent, all.size());
  call->want_all();
  pump(peer, std::string_view(all).substr(sent));
  ASSERT_TRUE(ends(call));
  EXPECT_TRUE(call->body() == body);
}

TEST_F(BodyTest, EndsWhereTheLastOfItWasHeldBack) {
  Call call;
  get(call, "/", {.read_buffer_bytes = 1000});
  Peer peer = accept();
  head_at(peer);
  const std::string body = pattern(70000);
  pump(peer, ok(body.size()) + body);
  ASSERT_TRUE(until([&] { return call->body().size() > 1000; }));
  peer.end_sending();
  for (int i = 0; i < 5; i++) loop_->turn(1ms);
  call->want_all();
  ASSERT_TRUE(ends(call));
  EXPECT_TRUE(call->done()) << call.detail();
  EXPECT_TRUE(call->body() == body);
}

// Takes what is there, and then straight from the stream.
class Taker {
 public:
  std::string taken;
  size_t directly = 0;  // bytes of it

  void take(Exchange& from) {
    taken += from.body();
    if (!from.body().empty()) from.consume_body(from.body().size());
    std::string room(10'000, '\0');
    while (const size_t got = from.read_body_into(room)) {
      taken.append(room, 0, got);
      directly += got;
    }
  }
};

TEST_F(BodyTest, IsReadStraightToWhereItIsWanted) {
  const std::string body = pattern(kMiB);
  for (const bool until_close : {false, true}) {
    client_->pool().close_idle();
    const std::string all =
        (until_close ? "HTTP/1.1 200 OK\r\n\r\n" : ok(body.size())) + body;
    Call call;
    get(call);
    Peer peer = accept();
    head_at(peer);
    size_t sent = pump_until_stuck(peer, all);
    Taker taker;
    ASSERT_TRUE(until([&] {
      sent += peer.send_some(std::string_view(all).substr(sent));
      if (until_close && sent == all.size()) peer.end_sending();
      taker.take(*call);
      return call.ended();
    }));
    EXPECT_TRUE(call->done()) << call.detail();
    EXPECT_TRUE(taker.taken == body);
    EXPECT_GT(taker.directly, 0u);
    EXPECT_EQ(call->consumed_bytes(), body.size());
    EXPECT_EQ(call->bytes_received(), all.size());
  }
}

TEST_F(BodyTest, IsNotReadStraightWhereItHasToBeMadeFirst) {
  const std::string body = pattern(kMiB);
  char size[32];
  snprintf(size, sizeof size, "%zx\r\n", body.size());
  for (const std::string& all :
       {answer("gzip", compressed(body, true)),
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" +
            std::string(size) + body + "\r\n0\r\n\r\n"}) {
    client_->pool().close_idle();
    Call call;
    get(call, "/", {.read_buffer_bytes = 1000});
    Peer peer = accept();
    head_at(peer);
    size_t sent = pump_until_stuck(peer, all);
    Taker taker;
    ASSERT_TRUE(until([&] {
      sent += peer.send_some(std::string_view(all).substr(sent));
      taker.take(*call);
      return call.ended();
    }));
    taker.take(*call);
    EXPECT_TRUE(taker.taken == body);
    EXPECT_EQ(taker.directly, 0u);
  }
}

// A connection with bytes that nobody asked for serves no other request.
TEST_F(BodyTest, ReadStraightWithMoreBehindItEndsTheConnection) {
  const std::string body = pattern(kMiB);
  const std::string all = ok(body.size()) + body + "more";
  Call call;
  get(call);
  Peer peer = accept();
  head_at(peer);
  size_t sent = pump_until_stuck(peer, all);
  Taker taker;
  ASSERT_TRUE(until([&] {
    sent += peer.send_some(std::string_view(all).substr(sent));
    if (sent == all.size()) taker.take(*call);
    return call.ended();
  }));
  EXPECT_TRUE(call->done());
  EXPECT_TRUE(taker.taken == body);
  EXPECT_TRUE(until([&] {
    peer.receive();
    return peer.closed;
  }));
}

TEST_F(BodyTest, ReadStraightFailsWhereItIsCutOff) {
  const std::string all = ok(kMiB) + pattern(kMiB / 2);
  Call call;
  get(call);
  Peer peer = accept();
  head_at(peer);
  size_t sent = pump_until_stuck(peer, all);
  Taker taker;
  ASSERT_TRUE(until([&] {
    sent += peer.send_some(std::string_view(all).substr(sent));
    if (sent == all.size()) peer.end_sending();
    taker.take(*call);
    return call.ended();
  }));
  EXPECT_EQ(call.code(), ErrorCode::http_truncated);
  EXPECT_EQ(taker.taken.size(), kMiB / 2);
}

// Pieces stay as small as one read, where someone waits for each.
TEST_F(BodyTest, IsHandedOutReadByRead) {
  class Waiting final : public ExchangeListener {
   private:
    void on_head(Exchange&) override {}
    void on_failed(Exchange&) override {}
    void on_progress(Exchange& from) override { from.let_reader_come(); }
  } waiting;
  const std::string all = ok(10 * kMiB) + pattern(10 * kMiB);
  Exchange& exchange = client_->start(
      {.target = target(url("/"))}, {.read_buffer_bytes = 8 * kMiB}, &waiting);
  Peer peer = accept();
  head_at(peer);
  size_t sent = 0, largest = 0;
  ASSERT_TRUE(until([&] {
    sent += peer.send_some(std::string_view(all).substr(sent));
    const size_t there = exchange.body().size();
    largest = std::max(largest, there);
    if (there) exchange.consume_body(there);
    return exchange.done();
  }));
  // Behind a read there may be another, of the queued turn.
  EXPECT_LE(largest, 2 * 65536u);
  exchange.release();
}

// Reading goes on inside of the listener's call, between two chunks of what
// was read together.
TEST_F(BodyTest, IsInOrderWhenTakenWhileItIsTold) {
  std::string body, chunks;
  const std::string text = pattern(3 * kMiB);
  for (size_t at = 0; at < text.size(); at += 3000) {
    const std::string piece = text.substr(at, 3000);
    char size[32];
    snprintf(size, sizeof size, "%zx\r\n", piece.size());
    chunks += size + piece + "\r\n";
    body += piece;
  }
  Call call;
  call.takes_all = true;
  get(call, "/", {.read_buffer_bytes = 100});
  Peer peer = accept();
  serve(peer, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
  // Much at once: it is read piece by piece in one turn.
  pump(peer, chunks + "0\r\n\r\n");
  ASSERT_TRUE(ends(call));
  EXPECT_TRUE(call->done()) << call.detail();
  EXPECT_TRUE(call.taken == body);
}

TEST_F(BodyTest, PausedWithinARead) {
  // Each call takes only when more than the bound is there, in mid-read.
  class Late final : public ExchangeListener {
   public:
    std::string taken;

   private:
    void on_head(Exchange&) override {}
    void on_failed(Exchange&) override {}
    void on_progress(Exchange& from) override {
      if (from.body().size() < 5000 && !from.done()) return;
      const size_t there = from.body().size();
      taken += from.body();
      from.consume_body(there);
    }
  } late;
  const std::string text = pattern(kMiB);
  std::string chunks = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (size_t at = 0; at < text.size(); at += 1024)
    chunks += "400\r\n" + text.substr(at, 1024) + "\r\n";
  chunks += "0\r\n\r\n";
  Exchange& exchange = client_->start({.target = target(url("/"))},
                                      {.read_buffer_bytes = 100}, &late);
  Peer peer = accept();
  head_at(peer);
  size_t sent = 0;
  // Paused below 5000 bytes in a turn, nobody takes them: done by hand.
  ASSERT_TRUE(until([&] {
    sent += peer.send_some(std::string_view(chunks).substr(sent));
    if (!exchange.body().empty() && exchange.body().size() < 5000) {
      const size_t there = exchange.body().size();
      late.taken += exchange.body();
      exchange.consume_body(there);
    }
    return exchange.done() || exchange.failed();
  }));
  EXPECT_TRUE(exchange.done()) << exchange.error().detail;
  EXPECT_TRUE(late.taken == text);
  exchange.release();
}

// A server that sends faster than the client reads.
TEST_F(BodyTest, WithoutEndLeavesTheOthersTheirTurn) {
  Call call;
  get(call, "/", {.timeout = {.total = 300ms}});
  Peer peer = accept();
  serve(peer, "HTTP/1.1 200 OK\r\n\r\n");
  ASSERT_TRUE(until([&] { return call->has_head(); }));
  call->want_all();
  const std::string piece(4 * kMiB, 'x');
  ASSERT_TRUE(until([&] {
    peer.send_some(piece);
    const size_t before = call->body().size();
    loop_->turn(0ns);
    EXPECT_LE(call->body().size() - before, 2 * 16 * 65536u);
    return call.ended();
  }));
  EXPECT_EQ(call.code(), ErrorCode::total_timeout);
}

TEST_F(BodyTest, OfTheRequestIsSentInParts) {
  const std::string body = pattern(10 * kMiB);
  Call call;
  post(call, body);
  Peer peer = accept();
  const std::string head = head_at(peer);
  EXPECT_EQ(call->state(), Exchange::State::sending);
  ASSERT_TRUE(until([&] {
    peer.receive();
    return peer.received.size() == body.size();
  }));
  EXPECT_TRUE(peer.received == body);
  EXPECT_EQ(call->state(), Exchange::State::waiting);
  EXPECT_EQ(call->bytes_sent(), head.size() + body.size());
  peer.send(ok(0));
  ASSERT_TRUE(ends(call));
  Call next;
  get(next);
  EXPECT_TRUE(next->timings().reused_connection);
}

TEST_F(BodyTest, OfEverySizeAroundTheCopiedOneArrives) {
  Peer peer = kept_connection();
  for (const size_t size : {0, 1, 16383, 16384, 16385, 100000}) {
    const std::string body = pattern(size);
    Call call;
    post(call, body);
    const std::string head = head_at(peer);
    ASSERT_TRUE(until([&] {
      peer.receive();
      return peer.received.size() >= size;
    }));
    EXPECT_TRUE(peer.received == body);
    EXPECT_NE(head.find("Content-Length: " + std::to_string(size) + "\r\n"),
              std::string::npos);
    peer.received.clear();
    peer.send(ok(0));
    ASSERT_TRUE(ends(call));
  }
}

TEST_F(BodyTest, OfTheRequestMayBeAnsweredBeforeItsEnd) {
  const std::string body(32 * kMiB, 'x');
  Call call;
  post(call, body);
  Peer peer = accept();
  serve(peer, "HTTP/1.1 413 Too Large\r\nContent-Length: 4\r\n\r\nstop");
  ASSERT_TRUE(ends(call));
  EXPECT_TRUE(call->done());
  EXPECT_EQ(call->status(), 413);
  EXPECT_EQ(call->body(), "stop");
  EXPECT_LT(call->bytes_sent(), body.size());
  EXPECT_NE(call->timings().sent, Instant{});
  EXPECT_LE(call->timings().sent, call->timings().handled);
  EXPECT_TRUE(closes(peer));
}

// The rest of the request meets a closed connection before the answer is read.
TEST_F(BodyTest, OfTheRequestMayBeAnsweredAndRefused) {
  const std::string body(32 * kMiB, 'x');
  Call call;
  post(call, body);
  Peer peer = accept();
  head_at(peer);
  ASSERT_TRUE(until([&] { return call->state() == Exchange::State::sending; }));
  peer.send("HTTP/1.1 413 Too Large\r\nContent-Length: 4\r\n\r\nstop");
  peer.close();  // unread bytes are there: a reset
  ASSERT_TRUE(ends(call));
  EXPECT_TRUE(call->done()) << call.detail();
  EXPECT_EQ(call->status(), 413);
}

TEST_F(BodyTest, OfTheRequestMeetsAReset) {
  const std::string body(32 * kMiB, 'x');
  Call call;
  post(call, body);
  Peer peer = accept();
  head_at(peer);
  peer.reset();
  ASSERT_TRUE(ends(call));
  EXPECT_EQ(call.code(), ErrorCode::reset) << call.detail();
  EXPECT_EQ(seen_.size(), 1u);
}

}  // namespace
}  // namespace molotov::http
