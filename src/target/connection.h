// One client's connection: its requests read, answered in order.
//
// Passive and on the loop's thread. What the socket brings is read into the
// server's buffer and used there; only what must wait for later (half a head, a
// request behind one that is not answered yet) is kept here, so that an idle
// connection holds no memory for it. Nothing is read while an answer waits to
// be sent.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "base/buffer.h"
#include "base/intrusive_list.h"
#include "http/h1_parser.h"
#include "io/loop.h"
#include "net/stream.h"
#include "target/reply.h"
#include "target/websocket.h"

namespace molotov::target {

class Server;

class Connection final : public ListNode<>,
                         private net::StreamListener,
                         private io::Timer,
                         private io::Work {
 public:
  // Begins to serve. `server` outlives it, and destroys it when the connection
  // has ended.
  Connection(Server& server, std::unique_ptr<net::Stream> stream);

 private:
  enum class State : uint8_t {
    head,       // reads a request's head
    body,       // reads a request's body
    replying,   // has all that it needs to answer
    sending,    // sends the answer
    delayed,    // waits for the timer, then `replying`
    pausing,    // waits for the timer, then `sending`
    silent,     // never answers
    websocket,  // is one
    lingering,  // has answered; reads until the client closes, or the timer
  };
  // How a step ended: go on with the next, wait for a call, or the connection
  // is to be destroyed.
  enum class Progress : uint8_t { again, wait, gone };

  void on_readable(bool hung_up) override;
  void on_writable() override;
  void on_timer() override;
  void on_turn() override { advance(); }

  // Takes steps until it must wait. May destroy this: call it last.
  void advance();
  Progress step();
  Progress read_head();
  Progress take_request(const http::RequestHead& head);
  Progress begin_body(const http::MessageInfo& info);
  Progress read_body();
  Progress refuse(Reply reply);
  Progress reply();
  Progress send_ready();
  Progress send();
  Progress finish();
  void note_answer(Instant written);
  Progress echo();
  Progress close_in_order();
  Progress reset();

  // The bytes read and not used yet: in the server's buffer, or kept.
  std::string_view input() const {
    return kept_.empty() ? std::string_view(fresh_.data(), fresh_.size())
                         : kept_.view();
  }
  void consume(size_t bytes);
  // Reads once; `again` with more input.
  Progress fill();
  // Before the server's buffer is somebody else's.
  void keep_input();

  Server& server_;
  std::unique_ptr<net::Stream> stream_;
  State state_ = State::head;
  bool readable_ = false;  // the stream may have more
  bool hung_up_ = false;
  bool counted_ = false;      // among the server's connections
  bool interim_ = false;      // what is being sent is 100 Continue
  bool answered_ = false;     // before the body was read
  bool closes_next_ = false;  // at the next request
  Client client_;
  net::Arrival arrival_;  // of what was read last
  Reply reply_;
  Outgoing out_;
  http::BodyDecoder body_;
  std::span<char> fresh_;
  Buffer kept_;
  std::unique_ptr<WebSocket> websocket_;
  Buffer unsent_;  // of it
};

}  // namespace molotov::target
