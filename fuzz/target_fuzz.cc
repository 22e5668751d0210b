// A request to the built-in server: its answer's head can be read again, and
// what follows an upgrade is echoed within bounds.
//
// Input: a request's head; what lies behind it are a WebSocket's bytes.
#include <algorithm>
#include <string>

#include "base/check.h"
#include "http/h1_parser.h"
#include "http/syntax.h"
#include "target/routes.h"
#include "target/websocket.h"

namespace molotov::target {
namespace {

constexpr std::string_view kDate = "Fri, 15 Jan 2027 08:00:00 GMT";
constexpr size_t kPieceBytes = 19;
constexpr int kEchoesMost = 4096;

Routes& routes() {
  static const CounterPage page = *CounterPage::create(1);
  static Truth truth = *Truth::create(1, 1);
  static Routes made = [] {
    Routes routes(page, truth, 1);
    routes.set_date(kDate);
    return routes;
  }();
  return made;
}

void check_head(const Reply& reply, const Client& client) {
  const std::string head = make_head(reply, client, kDate);
  http::ResponseHead read;
  const auto parsed =
      http::parse_response_head(head, client.head_only, {}, read);
  CHECK(parsed && *parsed == head.size());
  CHECK(read.status == reply.status);
}

// As a connection hands it over: what is not taken is offered again.
void echo(WebSocket& websocket, std::string bytes) {
  std::span<char> left(bytes);
  Buffer out;
  for (int i = 0; i < kEchoesMost && !left.empty(); i++) {
    const auto piece = left.first(std::min(kPieceBytes, left.size()));
    const size_t took = websocket.echo(piece, out);
    CHECK(took <= piece.size());
    left = left.subspan(took);
    if (websocket.closed()) return;
    CHECK(took > 0 || !out.empty());
    out.reset();
  }
}

void run(std::string_view input) {
  if (input.size() > 16384) return;
  http::RequestHead head;
  const auto used = http::parse_request_head(input, {}, head);
  if (!used || *used == 0) return;
  Reply reply = routes().answer(head);
  const Client client{.head_only = head.method == "HEAD",
                      .keep_alive = head.info.keep_alive,
                      .minor_version = head.info.minor_version};
  if (!reply.raw && reply.ending != Ending::never) check_head(reply, client);
  if (reply.websocket) {
    CHECK(reply.status == 101);
    echo(*reply.websocket, std::string(input.substr(*used)));
  }
}

}  // namespace
}  // namespace molotov::target

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  molotov::target::run({reinterpret_cast<const char*>(data), size});
  return 0;
}
