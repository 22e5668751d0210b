// What the server answers to which request. No I/O.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "http/h1_parser.h"
#include "target/counters.h"
#include "target/random.h"
#include "target/reply.h"
#include "target/truth.h"

namespace molotov::target {

class Routes {
 public:
  // `page` is what /stats tells, `truth` what /truth does; they outlive the
  // routes. Of the same seed, the same requests get the same random delays.
  Routes(const CounterPage& page, Truth& truth, uint64_t seed);

  // The answer to a request by its head alone. The reply borrows from the
  // routes and from static texts, not from the head.
  Reply answer(const http::RequestHead& head);

  // What to put into the heads from now on.
  void set_date(std::string_view date);
  std::string_view date() const { return date_; }

  // The parts of a request that a route sees.
  struct Request {
    const http::RequestHead& head;
    std::span<const std::string_view> arguments;  // segments behind the name
    Random& random;
  };

  // Used by the table of routes.
  Reply ready_ok() const;
  Reply compressed(std::string_view coding, const std::string& body) const;
  Reply stats() const;
  Truth& truth() const { return truth_; }
  const std::string& gzip_body() const { return gzip_; }
  const std::string& deflate_body() const { return deflate_; }

 private:
  const CounterPage& page_;
  Truth& truth_;
  Random random_;
  std::string date_;
  std::string ready_;  // the whole answer of / and /json
  std::string gzip_;
  std::string deflate_;
};

}  // namespace molotov::target
