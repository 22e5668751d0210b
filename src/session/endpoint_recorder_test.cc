// Real requests, by endpoint and outcome.
#include "session/endpoint_recorder.h"

#include "http/testing.h"

namespace molotov::session {
namespace {

class EndpointRecorderTest : public http::ClientTest {
 protected:
  EndpointRecorderTest() {
    client_ = std::make_unique<http::Client>(*context_, &recorder_);
  }
  std::string endpoint(const std::string& path) {
    return "GET " + target(url("/"))->url.authority() + path;
  }

  std::unique_ptr<metrics::Board> board_ =
      std::move(*metrics::Board::create(1));
  EndpointRecorder recorder_{board_->endpoints(0)};
};

TEST_F(EndpointRecorderTest, CountsEachRequestOnTheWire) {
  for (int i = 0; i < 2; i++) {
    http::Call call;
    get(call, "/from?number=" + std::to_string(i));
    http::Peer peer = accept();
    serve(peer,
          "HTTP/1.1 302 Found\r\nLocation: /to\r\nContent-Length: 0\r\n\r\n");
    serve(peer, i == 0 ? "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
                       : "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n");
    peer.close();
    ASSERT_TRUE(ends(call));
    call.release();
    client_->pool().close_idle();
  }
  const metrics::Endpoints found = metrics::endpoints(*board_);
  ASSERT_EQ(found.all.size(), 2u);
  EXPECT_EQ(found.all[0].name, endpoint("/from"));
  EXPECT_EQ(found.all[0].by_outcome,
            (std::map<metrics::Outcome, uint64_t>{{302, 2}}));
  EXPECT_EQ(found.all[1].name, endpoint("/to"));
  const auto cut_short = metrics::failed_outcome(metrics::ErrorKind::truncated);
  EXPECT_EQ(found.all[1].by_outcome,
            (std::map<metrics::Outcome, uint64_t>{{200, 1}, {cut_short, 1}}));
}

}  // namespace
}  // namespace molotov::session
