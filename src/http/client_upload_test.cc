// Bodies that are made while they are sent, and those that wait until the
// server asks for them.
#include <sys/mman.h>

#include "http/testing.h"

namespace molotov::http {
namespace {

constexpr std::string_view kOk = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

class UploadTest : public ClientTest {
 protected:
  void post(Call& call, BodySource& source,
            const ExchangeOptions& options = {}) {
    start(
        call,
        {.method = "POST", .target = target(url("/")), .body_source = &source},
        options);
  }
  // What has come so far ends like that.
  bool receives(Peer& peer, std::string_view end) {
    return until([&] {
      peer.receive();
      return peer.received.ends_with(end);
    });
  }
  // The loop turned, and nothing came.
  bool nothing_comes(Peer& peer) {
    for (int i = 0; i < 20; i++) {
      loop_->turn(1ms);
      peer.receive();
    }
    return peer.received.empty();
  }
};

TEST_F(UploadTest, OfKnownSizeHasContentLength) {
  PieceSource source({"hello ", "world"}, 11);
  source.end();
  Call call;
  post(call, source);
  Peer peer = accept();
  const std::string head = head_at(peer);
  EXPECT_NE(head.find("\r\nContent-Length: 11\r\n"), std::string::npos) << head;
  EXPECT_TRUE(receives(peer, "hello world"));
  peer.send(kOk);
  EXPECT_TRUE(ends(call));
  EXPECT_TRUE(call->done());
  // The connection serves the next one.
  Call next;
  get(next);
  serve(peer, kOk);
  EXPECT_TRUE(ends(next));
  EXPECT_TRUE(next->timings().reused_connection);
}

TEST_F(UploadTest, OfUnknownSizeIsChunked) {
  PieceSource source({"hello"});
  source.end();
  Call call;
  post(call, source);
  Peer peer = accept();
  const std::string head = head_at(peer);
  EXPECT_NE(head.find("\r\nTransfer-Encoding: chunked\r\n"), std::string::npos);
  EXPECT_EQ(head.find("Content-Length"), std::string::npos);
  EXPECT_TRUE(receives(peer, "5\r\nhello\r\n0\r\n\r\n"));
  peer.send(kOk);
  EXPECT_TRUE(ends(call));
  EXPECT_TRUE(call->done());
}

TEST_F(UploadTest, GoesOnWhenThereIsMore) {
  PieceSource source({"one"});
  Call call;
  post(call, source);
  Peer peer = accept();
  head_at(peer);
  EXPECT_TRUE(receives(peer, "3\r\none\r\n"));
  source.add("two");
  call->continue_body();
  EXPECT_TRUE(receives(peer, "3\r\ntwo\r\n"));
  EXPECT_EQ(call->state(), Exchange::State::sending);
  source.end();
  call->continue_body();
  EXPECT_TRUE(receives(peer, "0\r\n\r\n"));
  EXPECT_EQ(call->state(), Exchange::State::waiting);
  peer.send(kOk);
  EXPECT_TRUE(ends(call));
  EXPECT_TRUE(call->done());
}

TEST_F(UploadTest, OfKnownSizeWhoseEndComesAlone) {
  PieceSource source({"all"}, 3);
  Call call;
  post(call, source);
  Peer peer = accept();
  head_at(peer);
  EXPECT_TRUE(receives(peer, "all"));
  source.end();
  call->continue_body();
  EXPECT_EQ(call->state(), Exchange::State::waiting);
  peer.send(kOk);
  EXPECT_TRUE(ends(call));
  Call next;
  get(next);
  EXPECT_TRUE(next->timings().reused_connection);
}

TEST_F(UploadTest, IsTakenAsFastAsThePeerReads) {
  const std::string piece(64 * 1024, 'x');
  PieceSource source(std::deque<std::string>(1000, piece));
  source.end();
  Call call;
  post(call, source);
  Peer peer = accept();
  for (int i = 0; i < 50; i++) loop_->turn(1ms);
  const size_t taken = source.taken();
  EXPECT_LT(taken, 200U);  // what two sockets hold
  const std::string head = head_at(peer);
  EXPECT_TRUE(receives(peer, "0\r\n\r\n"));
  EXPECT_EQ(source.taken(), 1000U);
  EXPECT_EQ(call->bytes_sent(), head.size() + peer.received.size());
}

TEST_F(UploadTest, AnsweredBeforeItsEnd) {
  PieceSource source({"one"});
  Call call;
  post(call, source);
  Peer peer = accept();
  serve(peer, "HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\n\r\n");
  EXPECT_TRUE(ends(call));
  EXPECT_EQ(call->status(), 413);
  source.add("two");
  call->continue_body();  // of no use any more
  EXPECT_TRUE(closes(peer));
}

TEST_F(UploadTest, WhoseSourceFails) {
  PieceSource source({"one"});
  Call call;
  post(call, source);
  Peer peer = accept();
  head_at(peer);
  source.fail();
  call->continue_body();
  EXPECT_TRUE(ends(call));
  EXPECT_EQ(call.detail(), "no such piece");
  EXPECT_TRUE(closes(peer));

  Call at_once;
  post(at_once, source);
  EXPECT_TRUE(ends(at_once));
  EXPECT_EQ(at_once.detail(), "no such piece");
}

TEST_F(UploadTest, SlowSourceIsNoTimeOutOfTheServers) {
  PieceSource source({"one"});
  Call call;
  post(call, source, {.timeout = {.total = 0s, .sock_read = 5ms}});
  Peer peer = accept();
  head_at(peer);
  const Instant later = loop_->now() + 25ms;
  EXPECT_TRUE(until([&] { return loop_->now() > later; }));
  EXPECT_FALSE(call.ended());
  source.end();
  call->continue_body();
  EXPECT_TRUE(ends(call));
  EXPECT_EQ(call.code(), ErrorCode::read_timeout);
}

TEST_F(UploadTest, RedirectSendsItAgainWhereItCan) {
  for (const bool can : {true, false}) {
    client_->pool().close_idle();
    PieceSource source({"again"}, 5);
    source.end();
    if (can) source.allow_rewind();
    Call call;
    post(call, source);
    Peer peer = accept();
    head_at(peer);
    EXPECT_TRUE(receives(peer, "again"));
    peer.received.clear();
    peer.send(
        "HTTP/1.1 307 Temporary Redirect\r\nLocation: /to\r\n"
        "Content-Length: 0\r\n\r\n");
    if (can) {
      EXPECT_TRUE(head_at(peer).starts_with("POST /to "));
      EXPECT_TRUE(receives(peer, "again"));
      peer.send(kOk);
    }
    EXPECT_TRUE(ends(call));
    EXPECT_EQ(call->done(), can);
    if (!can) {
      EXPECT_EQ(call.code(), ErrorCode::http_body_consumed);
    }
  }
}

TEST_F(UploadTest, DeadConnectionIsReplacedWhereItCanBeginAgain) {
  for (const bool can : {true, false}) {
    kept_connection().close();
    PieceSource source({"again"}, 5);
    source.end();
    if (can) source.allow_rewind();
    Call call;
    start(
        call,
        {.method = "PUT", .target = target(url("/")), .body_source = &source});
    if (can) {
      Peer peer = accept();
      head_at(peer);
      EXPECT_TRUE(receives(peer, "again"));
      peer.send(kOk);
    }
    EXPECT_TRUE(ends(call));
    EXPECT_EQ(call->done(), can);
    client_->pool().close_idle();
  }
}

class FileTest : public UploadTest {
 protected:
  FileTest() : file_(memfd_create("upload", MFD_CLOEXEC)) {
    text_.resize(3 << 20);
    for (size_t i = 0; i < text_.size(); i++)
      text_[i] = static_cast<char>('a' + (i * 7 + i / 4096) % 26);
    EXPECT_EQ(::write(file_.get(), text_.data(), text_.size()),
              static_cast<ssize_t>(text_.size()));
  }
  RequestParts put(uint64_t offset, uint64_t size) {
    return {.method = "PUT",
            .target = target(url("/")),
            .body_file = FileRange{file_.get(), offset, size}};
  }
  Fd file_;
  std::string text_;
};

TEST_F(FileTest, IsSentFromItsOffset) {
  for (const size_t offset : {size_t{0}, size_t{5}, text_.size()}) {
    client_->pool().close_idle();
    Call call;
    start(call, put(offset, text_.size() - offset));
    Peer peer = accept();
    const std::string head = head_at(peer);
    EXPECT_NE(head.find("\r\nContent-Length: " +
                        std::to_string(text_.size() - offset) + "\r\n"),
              std::string::npos);
    EXPECT_TRUE(until([&] {
      peer.receive();
      return peer.received.size() >= text_.size() - offset;
    }));
    EXPECT_TRUE(peer.received == text_.substr(offset));
    peer.send(kOk);
    EXPECT_TRUE(ends(call));
    EXPECT_TRUE(call->done());
    EXPECT_EQ(call->bytes_sent(), head.size() + text_.size() - offset);
  }
}

TEST_F(FileTest, ThatIsShorterThanItWas) {
  Call call;
  start(call, put(0, text_.size() + 1));
  Peer peer = accept();
  head_at(peer);
  EXPECT_TRUE(until([&] {
    peer.receive();
    return call.ended();
  }));
  EXPECT_EQ(call.code(), ErrorCode::invalid_argument);
}

TEST_F(FileTest, IsSentAgainWhereTheConnectionWasDead) {
  kept_connection().close();
  Call call;
  start(call, put(0, 100));
  Peer peer = accept();
  head_at(peer);
  EXPECT_TRUE(receives(peer, text_.substr(0, 100)));
  peer.send(kOk);
  EXPECT_TRUE(ends(call));
  EXPECT_TRUE(call->done());
}

class ExpectTest : public UploadTest, public testing::WithParamInterface<bool> {
 protected:
  // A body of either kind, which waits for the server.
  void post_expecting(Call& call) {
    RequestParts parts{.method = "POST", .target = target(url("/"))};
    if (GetParam()) {
      source_.end();
      parts.body_source = &source_;
    } else {
      parts.body = "hello";
    }
    start(call, parts, {.expect_continue = true});
  }
  PieceSource source_{{"hello"}, 5};
};

TEST_P(ExpectTest, BodyIsSentWhenTheServerAsksForIt) {
  Call call;
  post_expecting(call);
  Peer peer = accept();
  const std::string head = head_at(peer);
  EXPECT_NE(head.find("\r\nExpect: 100-continue\r\n"), std::string::npos);
  EXPECT_TRUE(nothing_comes(peer));
  peer.send("HTTP/1.1 100 Continue\r\n\r\n");
  EXPECT_TRUE(receives(peer, "hello"));
  peer.send(kOk);
  EXPECT_TRUE(ends(call));
  EXPECT_TRUE(call->done());
}

TEST_P(ExpectTest, BodyIsNotSentWhenTheServerRefuses) {
  Call call;
  post_expecting(call);
  Peer peer = accept();
  serve(peer, "HTTP/1.1 417 Expectation Failed\r\nContent-Length: 0\r\n\r\n");
  EXPECT_TRUE(ends(call));
  EXPECT_EQ(call->status(), 417);
  EXPECT_TRUE(closes(peer));
  EXPECT_EQ(peer.received, "");
}

TEST_P(ExpectTest, BodyIsSentWhenTheServerSaysNothing) {
  Call call;
  post_expecting(call);
  Peer peer = accept();
  head_at(peer);
  EXPECT_TRUE(receives(peer, "hello"));
  peer.send(kOk);
  EXPECT_TRUE(ends(call));
  EXPECT_TRUE(call->done());
}

INSTANTIATE_TEST_SUITE_P(, ExpectTest, testing::Bool(), [](const auto& info) {
  return info.param ? "Streamed" : "Whole";
});

}  // namespace
}  // namespace molotov::http
