// An answer as a route decides it, and the bytes that it becomes.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/time.h"

namespace molotov::target {

class WebSocket;

// What becomes of the connection after the answer.
enum class Ending : uint8_t {
  keep,   // the next request
  close,  // announced; closes in order, after what the client still sends
  drop,   // closes at once, announced by nothing
  reset,  // TCP reset, nothing is sent
  never,  // nothing is sent, until the client goes away
};

// `bytes` bytes: `block` over and over.
struct Repeat {
  std::string_view block;  // outlives the reply
  uint64_t bytes = 0;
  size_t step_bytes = SIZE_MAX;  // at most so many at a time,
  Duration interval{0};          // so far apart
};

// The body is `body`, then `repeat`, then `tail`.
struct Reply {
  Reply();
  ~Reply();
  Reply(Reply&&) noexcept;
  Reply& operator=(Reply&&) noexcept;

  // The whole answer, head and all, made before: sent as it is to a client that
  // goes on with HTTP/1.1; the members below are the same answer for others.
  // Outlives the reply; nullptr where there is none.
  const std::string* ready = nullptr;

  int status = 200;
  // "" where `fields` has it. Outlives the reply.
  std::string_view content_type = "application/json";
  std::string fields;  // further field lines, each with its CRLF
  std::string body;
  Repeat repeat;
  std::string_view tail;       // outlives the reply
  bool chunked = false;        // the body is framed as chunks already
  bool raw = false;            // the body is all that is sent: no head
  uint64_t missing_bytes = 0;  // promised beyond what is sent
  Duration delay{0};           // from the request's arrival to the first byte
  Duration freeze{0};          // before the first byte, with the whole process
  Ending ending = Ending::keep;

  bool counted = true;       // by /stats and /truth
  bool echo = false;         // the request's body becomes the answer's
  bool early = false;        // answered before the request's body is read
  bool closes_next = false;  // the next request finds the connection closed
  std::unique_ptr<WebSocket> websocket;  // what follows the answer's head
};

// {"error": PROBLEM}
Reply error_reply(int status, std::string_view problem,
                  Ending ending = Ending::keep);

// What of a request shapes the head of its answer.
struct Client {
  bool head_only = false;  // the method is HEAD
  bool keep_alive = false;
  uint8_t minor_version = 1;
};

// The head of the answer, with the empty line. `date` is in the form of RFC
// 9110 section 5.6.7.
std::string make_head(const Reply& reply, const Client& client,
                      std::string_view date);

// The bytes of an answer, piece after piece, as they are sent.
class Outgoing {
 public:
  // Takes what is to be sent of `reply`: its body too, where there is one.
  void start(std::string head, Reply& reply, bool with_body);
  // Sends `bytes`, which it copies.
  void start(std::string_view bytes);

  // What to send now; empty when all was sent.
  std::string_view piece() const { return piece_; }
  // `bytes` of the piece were sent. Returns whether to pause for interval()
  // before the next piece.
  bool sent(size_t bytes);
  Duration interval() const { return repeat_.interval; }

 private:
  enum class Part : uint8_t { head, body, repeat, tail, done };
  void next_piece();
  std::string_view repeat_piece() const;

  Part part_ = Part::done;
  std::string head_;
  std::string body_;
  Repeat repeat_;
  size_t block_offset_ = 0;
  std::string_view tail_;
  std::string_view piece_;
};

}  // namespace molotov::target
