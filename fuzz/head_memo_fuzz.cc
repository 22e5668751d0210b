// Heads of answers, one behind the other, each met twice: what is known again
// says what parsing it anew says.
//
// Input: one byte of kind (bit 0 answers to HEAD), then the heads.
#include <string>
#include <utility>
#include <vector>

#include "base/check.h"
#include "http/head_memo.h"

namespace molotov::http {
namespace {

void check_same(const ResponseHead& a, const ResponseHead& b) {
  CHECK(a.status == b.status && a.reason == b.reason);
  CHECK(a.info.framing == b.info.framing);
  CHECK(a.info.content_length == b.info.content_length);
  CHECK(a.info.keep_alive == b.info.keep_alive);
  CHECK(a.info.minor_version == b.info.minor_version);
  CHECK(a.info.has_set_cookie == b.info.has_set_cookie);
  CHECK(a.info.content_encoding == b.info.content_encoding);
  CHECK(a.info.location == b.info.location);
  CHECK(a.fields.size() == b.fields.size());
  for (size_t i = 0; i < a.fields.size(); i++)
    CHECK(a.fields[i].name == b.fields[i].name &&
          a.fields[i].value == b.fields[i].value);
}

void run(std::string_view input) {
  if (input.empty() || input.size() > 20000) return;
  const bool method_is_head = input[0] & 1;
  input.remove_prefix(1);
  HeadMemo memo;
  ResponseHead fresh;
  while (!input.empty()) {
    const auto parsed =
        parse_response_head(input, method_is_head, kDefaultHeadLimits, fresh);
    for (int times = 0; times < 2; times++) {
      // Of other memory each time: nothing known may be a view into the last.
      const std::string copy(input);
      const auto known = memo.parse(copy, method_is_head, kDefaultHeadLimits);
      CHECK(known.has_value() == parsed.has_value());
      if (!known) {
        CHECK(known.error().code == parsed.error().code);
        CHECK(known.error().detail == parsed.error().detail);
        return;
      }
      CHECK(*known == *parsed);
      if (*known == 0) return;
      check_same(memo.head(), fresh);
    }
    input.remove_prefix(*parsed);
  }
}

}  // namespace
}  // namespace molotov::http

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  molotov::http::run({reinterpret_cast<const char*>(data), size});
  return 0;
}
