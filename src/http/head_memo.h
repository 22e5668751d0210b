// Parses answers' heads, and knows the last one again.
//
// What a server sends before the body is mostly the same, byte for byte, until
// its clock shows the next second. Comparing it costs next to nothing beside
// parsing it.
#pragma once

#include <string>
#include <string_view>

#include "http/h1_parser.h"

namespace molotov::http {

class HeadMemo {
 public:
  // As parse_response_head(). Only those parsed with kDefaultHeadLimits itself
  // are known again.
  Result<size_t> parse(std::string_view bytes, bool method_is_head,
                       const HeadLimits& limits);
  // What the last call parsed. Its views hold until the next call, and no
  // longer than the bytes that were given. REQUIRES: that call returned > 0.
  const ResponseHead& head() const { return *head_; }

 private:
  bool is_known(std::string_view bytes, bool method_is_head) const;

  std::string known_bytes_;  // a whole head, or nothing
  bool known_method_is_head_ = false;
  bool known_is_parsed_ = false;  // when it is met again first
  ResponseHead known_;            // views into known_bytes_
  ResponseHead fresh_;            // views into what was given
  const ResponseHead* head_ = nullptr;
};

}  // namespace molotov::http
