// Aim: each head that we may meet is read, or refused, as RFC 9112 has it; and
// in the same way whole, byte by byte, cut at every byte, and with nothing
// readable behind it.
#include "http/h1_parser.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstring>

#include "http/syntax.h"

namespace molotov::http {
namespace {

// A copy of some bytes whose end is the end of readable memory.
class GuardedBytes {
 public:
  explicit GuardedBytes(std::string_view bytes)
      : page_(static_cast<size_t>(sysconf(_SC_PAGESIZE))),
        mapped_((bytes.size() / page_ + 2) * page_) {
    void* memory = mmap(nullptr, mapped_, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    EXPECT_NE(memory, MAP_FAILED);
    memory_ = static_cast<char*>(memory);
    char* const guard = memory_ + mapped_ - page_;
    EXPECT_EQ(mprotect(guard, page_, PROT_NONE), 0);
    view_ = {guard - bytes.size(), bytes.size()};
    if (!bytes.empty()) {
      std::memcpy(guard - bytes.size(), bytes.data(), bytes.size());
    }
  }
  ~GuardedBytes() { munmap(memory_, mapped_); }
  GuardedBytes(const GuardedBytes&) = delete;

  std::string_view view() const { return view_; }

 private:
  size_t page_;
  size_t mapped_;
  char* memory_ = nullptr;
  std::string_view view_;
};

std::string framing_text(const MessageInfo& info) {
  switch (info.framing) {
    case Framing::none:
      return "none";
    case Framing::content_length:
      return fmt::format("length {}", info.content_length);
    case Framing::chunked:
      return "chunked";
    case Framing::until_close:
      return "until close";
  }
  return "?";
}

std::string describe(const MessageInfo& info,
                     const std::vector<Field>& fields) {
  std::string out =
      fmt::format("1.{} {} {}", info.minor_version, framing_text(info),
                  info.keep_alive ? "keep" : "close");
  if (info.has_set_cookie) out += " cookie";
  if (info.expects_continue) out += " expect";
  if (!info.content_encoding.empty())
    out += fmt::format(" coding={}", info.content_encoding);
  if (!info.location.empty()) out += fmt::format(" location={}", info.location);
  for (const Field& field : fields)
    out += fmt::format(" [{}|{}]", field.name, field.value);
  return out;
}

std::string outcome(const Result<size_t>& used, std::string_view start_line,
                    const MessageInfo& info, const std::vector<Field>& fields) {
  if (!used) return std::string(to_string(used.error().code));
  if (*used == 0) return "more";
  return fmt::format("{} {} {}", *used, start_line, describe(info, fields));
}

// What a parser makes of some bytes, as text.
using Reader = std::string (*)(std::string_view, const HeadLimits&);

template <bool kMethodIsHead>
std::string read_response(std::string_view bytes, const HeadLimits& limits) {
  ResponseHead head;
  const auto used = parse_response_head(bytes, kMethodIsHead, limits, head);
  return outcome(used, fmt::format("{} \"{}\"", head.status, head.reason),
                 head.info, head.fields);
}

std::string read_request(std::string_view bytes, const HeadLimits& limits) {
  RequestHead head;
  const auto used = parse_request_head(bytes, limits, head);
  return outcome(used, fmt::format("{} {}", head.method, head.target),
                 head.info, head.fields);
}

// The outcome, which is the same for every way in which the bytes may come.
std::string read_every_way(Reader reader, std::string_view bytes,
                           const HeadLimits& limits = {}) {
  const std::string whole = reader(bytes, limits);
  std::string piecewise;
  for (size_t n = 0; n <= bytes.size(); ++n) {
    const GuardedBytes guarded(bytes.substr(0, n));
    piecewise = reader(guarded.view(), limits);
    if (piecewise != "more") break;
  }
  EXPECT_EQ(piecewise, whole) << excerpt(bytes);
  return whole;
}

// The same with what was left for the body in place of the head's length.
std::string read_with_rest(Reader reader, std::string_view bytes) {
  const std::string whole = read_every_way(reader, bytes);
  if (!is_char(whole.front(), kDigitChar)) return whole;
  const std::string_view rest = bytes.substr(std::stoul(whole));
  return whole.substr(whole.find(' ') + 1) +
         (rest.empty() ? "" : fmt::format(" + {}", rest));
}

struct Row {
  std::string_view bytes;
  std::string_view outcome;
};

TEST(ResponseHead, IsReadOrRefused) {
  constexpr Row kRows[] = {
      // Framing.
      {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
       "200 \"OK\" 1.1 length 5 keep [Content-Length|5] + hello"},
      {"HTTP/1.1 200 OK\r\ncOnTeNt-LeNgTh:0\r\n\r\n",
       "200 \"OK\" 1.1 length 0 keep [cOnTeNt-LeNgTh|0]"},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
       "200 \"OK\" 1.1 chunked keep [Transfer-Encoding|chunked]"},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, Chunked\r\n\r\n",
       "200 \"OK\" 1.1 chunked keep [Transfer-Encoding|gzip, Chunked]"},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n",
       "200 \"OK\" 1.1 until close close [Transfer-Encoding|gzip]"},
      {"HTTP/1.1 200 OK\r\n\r\n", "200 \"OK\" 1.1 until close close"},
      {"HTTP/1.1 100 Continue\r\n\r\n", "100 \"Continue\" 1.1 none keep"},
      {"HTTP/1.1 101 Switching\r\nUpgrade: x\r\n\r\n",
       "101 \"Switching\" 1.1 none close [Upgrade|x]"},
      {"HTTP/1.1 204 No\r\nContent-Length: 9\r\n\r\n",
       "204 \"No\" 1.1 none keep [Content-Length|9]"},
      {"HTTP/1.1 304 No\r\nTransfer-Encoding: chunked\r\n\r\n",
       "304 \"No\" 1.1 none keep [Transfer-Encoding|chunked]"},
      // Start line.
      {"HTTP/1.1 200 \r\nContent-Length: 1\r\n\r\n",
       "200 \"\" 1.1 length 1 keep [Content-Length|1]"},
      {"HTTP/1.1 999\r\nContent-Length: 1\r\n\r\n",
       "999 \"\" 1.1 length 1 keep [Content-Length|1]"},
      {"HTTP/1.1 404 N\xc3\xb6t\there \r\n\r\n",
       "404 \"N\xc3\xb6t\there \" 1.1 until close close"},
      {"HTTP/1.7 200 OK\r\nContent-Length: 1\r\n\r\n",
       "200 \"OK\" 1.7 length 1 keep [Content-Length|1]"},
      {"HTTP/1.1 099 OK\r\n\r\n", "http_malformed"},
      {"HTTP/1.1 20 OK\r\n\r\n", "http_malformed"},
      {"HTTP/1.1 2000 OK\r\n\r\n", "http_malformed"},
      {"HTTP/1.1  200 OK\r\n\r\n", "http_malformed"},
      {"HTTP/2.0 200 OK\r\n\r\n", "http_malformed"},
      {"HTTP/1.x 200 OK\r\n\r\n", "http_malformed"},
      {"http/1.1 200 OK\r\n\r\n", "http_malformed"},
      {"\r\nHTTP/1.1 200 OK\r\n\r\n", "http_malformed"},
      {"SSH-2.0-OpenSSH_9.2\r\n", "http_malformed"},
      {"HTTP/1.1 200 O\x01K\r\n\r\n", "http_malformed"},
      {{"HTTP/1.1 200 O\0K\r\n\r\n", 20}, "http_malformed"},
      {"HTTP/1.1 200 OK\rX\r\n\r\n", "http_malformed"},
      // Connection.
      {"HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\n",
       "200 \"OK\" 1.0 length 1 close [Content-Length|1]"},
      {"HTTP/1.0 200 OK\r\nContent-Length: 1\r\nConnection: Keep-Alive\r\n\r\n",
       "200 \"OK\" 1.0 length 1 keep [Content-Length|1] "
       "[Connection|Keep-Alive]"},
      {"HTTP/1.1 204 \r\nConnection: close\r\n\r\n",
       "204 \"\" 1.1 none close [Connection|close]"},
      {"HTTP/1.1 204 \r\nConnection: x, CLOSE ,keep-alive\r\n\r\n",
       "204 \"\" 1.1 none close [Connection|x, CLOSE ,keep-alive]"},
      {"HTTP/1.1 204 \r\nConnection: closed\r\n\r\n",
       "204 \"\" 1.1 none keep [Connection|closed]"},
      {"HTTP/1.0 200 \r\nConnection: keep-alive\r\n"
       "Transfer-Encoding: chunked\r\n\r\n",
       "200 \"\" 1.0 chunked close [Connection|keep-alive] "
       "[Transfer-Encoding|chunked]"},
      // Fields.
      {"HTTP/1.1 204 \r\nA:\r\nB:  \r\nC: \t x y\t \r\nD:\xff\r\n\r\n",
       "204 \"\" 1.1 none keep [A|] [B|] [C|x y] [D|\xff]"},
      {"HTTP/1.1 204 \nA: 1\nB: 2\n\n", "204 \"\" 1.1 none keep [A|1] [B|2]"},
      {"HTTP/1.1 204 \r\nSet-Cookie: a=1\r\nLocation: /x\r\n"
       "Location: /y\r\nContent-Encoding: gzip\r\nContent-Encoding: br\r\n\r\n",
       "204 \"\" 1.1 none keep cookie coding=gzip location=/x "
       "[Set-Cookie|a=1] [Location|/x] [Location|/y] [Content-Encoding|gzip] "
       "[Content-Encoding|br]"},
      {"HTTP/1.1 204 \r\nX-Location: /x\r\nContent-Lengths: 1\r\n\r\n",
       "204 \"\" 1.1 none keep [X-Location|/x] [Content-Lengths|1]"},
      {"HTTP/1.1 204 \r\nA : 1\r\n\r\n", "http_malformed"},
      {"HTTP/1.1 204 \r\nA\r\n\r\n", "http_malformed"},
      {"HTTP/1.1 204 \r\n: 1\r\n\r\n", "http_malformed"},
      {"HTTP/1.1 204 \r\n A: 1\r\n\r\n", "http_malformed"},
      {"HTTP/1.1 204 \r\nA: 1\r\n 2\r\n\r\n", "http_malformed"},
      {"HTTP/1.1 204 \r\nA: 1\r\n\t2\r\n\r\n", "http_malformed"},
      {"HTTP/1.1 204 \r\nA@: 1\r\n\r\n", "http_malformed"},
      {"HTTP/1.1 204 \r\nA: 1\r2\r\n\r\n", "http_malformed"},
      {"HTTP/1.1 204 \r\nA: 1\x7f\r\n\r\n", "http_malformed"},
      {{"HTTP/1.1 204 \r\nA: 1\0\r\n\r\n", 24}, "http_malformed"},
      {"HTTP/1.1 204 \r\nA: 1\r\n\rX", "http_malformed"},
      // Lengths.
      {"HTTP/1.1 200 \r\nContent-Length: 18446744073709551615\r\n\r\n",
       "200 \"\" 1.1 length 18446744073709551615 keep "
       "[Content-Length|18446744073709551615]"},
      {"HTTP/1.1 200 \r\nContent-Length: 18446744073709551616\r\n\r\n",
       "http_malformed"},
      {"HTTP/1.1 200 \r\nContent-Length: 5, 5\r\nContent-Length: 05\r\n\r\n",
       "200 \"\" 1.1 length 5 keep [Content-Length|5, 5] "
       "[Content-Length|05]"},
      {"HTTP/1.1 200 \r\nContent-Length: 5, 6\r\n\r\n", "http_malformed"},
      {"HTTP/1.1 200 \r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n",
       "http_malformed"},
      {"HTTP/1.1 200 \r\nContent-Length: \r\n\r\n", "http_malformed"},
      {"HTTP/1.1 200 \r\nContent-Length: +5\r\n\r\n", "http_malformed"},
      {"HTTP/1.1 200 \r\nContent-Length: -5\r\n\r\n", "http_malformed"},
      {"HTTP/1.1 200 \r\nContent-Length: 5 5\r\n\r\n", "http_malformed"},
      {"HTTP/1.1 200 \r\nContent-Length: 0x5\r\n\r\n", "http_malformed"},
      {"HTTP/1.1 200 \r\nContent-Length: 5\r\n"
       "Transfer-Encoding: chunked\r\n\r\n",
       "http_malformed"},
      {"HTTP/1.1 200 \r\nTransfer-Encoding: chunked\r\n"
       "Content-Length: 5\r\n\r\n",
       "http_malformed"},
      {"HTTP/1.1 200 \r\nTransfer-Encoding: chunked, chunked\r\n\r\n",
       "http_malformed"},
      {"HTTP/1.1 200 \r\nTransfer-Encoding: ,\r\n\r\n", "http_malformed"},
      // Not there yet.
      {"", "more"},
      {"HTTP/1.1 200 OK\r\nA: 1\r\n", "more"},
      {"HTTP/1.1 200 OK\r\nA: 1\r\n\r", "more"},
  };
  for (const Row& row : kRows) {
    EXPECT_EQ(read_with_rest(read_response<false>, row.bytes), row.outcome)
        << row.bytes;
  }
}

TEST(ResponseHead, HasNoBodyAfterHead) {
  EXPECT_EQ(read_with_rest(read_response<true>,
                           "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"),
            "200 \"OK\" 1.1 none keep [Content-Length|5]");
  EXPECT_EQ(read_with_rest(read_response<true>, "HTTP/1.1 200 OK\r\n\r\n"),
            "200 \"OK\" 1.1 none keep");
}

TEST(RequestHead, IsReadOrRefused) {
  constexpr Row kRows[] = {
      {"GET / HTTP/1.1\r\nHost: a\r\n\r\n", "GET / 1.1 none keep [Host|a]"},
      {"\r\n\nGET /?a=%20&b HTTP/1.0\r\n\r\n", "GET /?a=%20&b 1.0 none close"},
      {"POST http://a/b HTTP/1.1\r\nContent-Length: 2\r\n"
       "Expect: 100-Continue\r\n\r\nhi",
       "POST http://a/b 1.1 length 2 keep expect [Content-Length|2] "
       "[Expect|100-Continue] + hi"},
      {"POST / HTTP/1.0\r\nExpect: 100-continue\r\n\r\n",
       "POST / 1.0 none close [Expect|100-continue]"},
      {"M-SEARCH * HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n",
       "M-SEARCH * 1.1 chunked keep [Transfer-Encoding|chunked]"},
      {"POST / HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n", "http_malformed"},
      {"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n",
       "http_malformed"},
      {"GET  / HTTP/1.1\r\n\r\n", "http_malformed"},
      {"GET /a b HTTP/1.1\r\n\r\n", "http_malformed"},
      {"GET / HTTP/1.1 \r\n\r\n", "http_malformed"},
      {"GET /\r\n", "http_malformed"},
      {"G@T / HTTP/1.1\r\n\r\n", "http_malformed"},
      {" GET / HTTP/1.1\r\n\r\n", "http_malformed"},
      {"GET /\xc3\xa9 HTTP/1.1\r\n\r\n", "http_malformed"},
      {"GET / HTTP/3.0\r\n\r\n", "http_malformed"},
      {"\x16\x03\x01\x02", "http_malformed"},
      {"GET / HTTP/1.1\r\n", "more"},
  };
  for (const Row& row : kRows) {
    EXPECT_EQ(read_with_rest(read_request, row.bytes), row.outcome)
        << row.bytes;
  }
}

TEST(HeadLimits, HoldToTheByte) {
  constexpr std::string_view kHead =
      "HTTP/1.1 200 Fine\r\nAbcdefgh:   123456 \r\nB: 2\r\n\r\n";
  const std::string fits = read_response<false>(kHead, {});
  struct LimitRow {
    HeadLimits limits;
    bool fits;
  };
  const LimitRow rows[] = {
      {{4, 15, 48, 2}, true},  {{3, 15, 48, 2}, false}, {{4, 14, 48, 2}, false},
      {{4, 7, 48, 2}, false},  {{4, 15, 47, 2}, false}, {{4, 15, 48, 1}, false},
      {{4, 15, 20, 2}, false}, {{4, 15, 48, 0}, false},
  };
  for (const LimitRow& row : rows) {
    EXPECT_EQ(read_every_way(read_response<false>, kHead, row.limits),
              row.fits ? fits : "http_too_large")
        << row.limits.line_bytes << " " << row.limits.field_bytes << " "
        << row.limits.head_bytes << " " << row.limits.fields;
  }
}

// In aiohttp's words.
TEST(HeadLimits, SayWhatWasTooLong) {
  const std::pair<std::string_view, std::string_view> rows[] = {
      {"HTTP/1.1 200 It's fine\r\n",
       "4 bytes when reading: bytearray(b\"It's fine...\")"},
      {"HTTP/1.1 200 OK\r\nNameOfAField: x\r\n",
       "8 bytes when reading: b'NameOfAField...'"},
      {"HTTP/1.1 200 OK\r\nName:  '\"\\\t\xff\r\n",
       "8 bytes when reading: b'\\'\"\\\\\\t\\xff...'"},
  };
  for (const auto& [bytes, detail] : rows) {
    ResponseHead head;
    const HeadLimits limits{4, 8, 4000, 10};
    const auto parsed = parse_response_head(bytes, false, limits, head);
    ASSERT_FALSE(parsed) << bytes;
    EXPECT_EQ(parsed.error().detail, fmt::format("Got more than {}.", detail));
  }
}

TEST(HeadLimits, ComeBeforeWhatIsWrongBehindThem) {
  const std::string line = "HTTP/1.1 200 OK\r\nA: " + std::string(40, 'x');
  for (size_t limit = 30; limit < 50; ++limit) {
    const HeadLimits limits{limit, limit, 4000, 10};
    EXPECT_EQ(read_every_way(read_response<false>, line + "\x01", limits),
              limit < 41 ? "http_too_large" : "http_malformed")
        << limit;
  }
}

// The CR is the last byte allowed, what is wrong is behind it.
TEST(HeadLimits, ComeBeforeAMissingLineFeed) {
  const HeadLimits limits{40, 40, 20, 4};
  EXPECT_EQ(
      read_every_way(read_response<false>, "HTTP/1.1 204 \r\nA: 1\rX", limits),
      "http_too_large");
}

TEST(HeadLimits, EndALineThatNeverEnds) {
  const std::string endless = "HTTP/1.1 200 OK\r\nA: " + std::string(9000, 'x');
  EXPECT_EQ(read_every_way(read_response<false>, endless), "http_too_large");
  std::string fields = "HTTP/1.1 200 OK\r\n";
  while (fields.size() < 70000) fields += "A: " + std::string(1000, 'x') + "\n";
  EXPECT_EQ(read_response<false>(fields, {}), "http_too_large");
}

TEST(ResponseHead, ErrorsSayWhatAndWhere) {
  const std::pair<std::string_view, std::string_view> rows[] = {
      {"SSH-2.0-OpenSSH\r\n",
       "not HTTP/1.x at byte 0, in \"SSH-2.0-OpenSSH\\r\\n\""},
      {"HTTP/1.1 200 OK\r\nA: 1\r\nB : 2\r\n\r\n",
       "space before the colon at byte 24, in \"B : 2\\r\\n\\r\\n\""},
      {"HTTP/1.1 200 OK\r\nContent-Length: x\r\nA: 1\r\n\r\n",
       "bad Content-Length at byte 33, in "
       "\"Content-Length: x\\r\\nA: 1\\r\\n\\r\\n\""},
  };
  for (const auto& [bytes, detail] : rows) {
    ResponseHead head;
    const auto used = parse_response_head(bytes, false, {}, head);
    ASSERT_FALSE(used.has_value());
    EXPECT_EQ(used.error().detail, detail);
  }
}

TEST(ResponseHead, KeepsNothingOfTheOneBefore) {
  ResponseHead head;
  ASSERT_TRUE(parse_response_head(
      "HTTP/1.0 302 Found\r\nLocation: /\r\nSet-Cookie: a=b\r\n"
      "Content-Encoding: gzip\r\nContent-Length: 7\r\n\r\n",
      false, {}, head));
  ASSERT_TRUE(
      parse_response_head("HTTP/1.1 204 \r\nA: b\r\n\r\n", false, {}, head));
  EXPECT_EQ(describe(head.info, head.fields), "1.1 none keep [A|b]");
}

TEST(FindField, ComparesWithoutCaseAndTakesTheFirst) {
  const std::vector<Field> fields = {{"Abc", "1"}, {"aBC", "2"}, {"d", "3"}};
  ASSERT_NE(find_field(fields, "abc"), nullptr);
  EXPECT_EQ(find_field(fields, "abc")->value, "1");
  EXPECT_EQ(find_field(fields, "D")->value, "3");
  EXPECT_EQ(find_field(fields, "ab"), nullptr);
}

// The vector path and the byte path of the text scanner must agree: a control
// at each offset of a long value, for every one of them.
TEST(ResponseHead, FindsAControlAnywhere) {
  constexpr std::string_view kStart = "HTTP/1.1 204 \r\nA: ";
  for (int c = 0; c < 256; ++c) {
    const bool allowed = (c >= 0x20 && c != 0x7f) || c == '\t';
    if (c == '\r' || c == '\n') continue;
    for (size_t at = 0; at < 70; ++at) {
      std::string value(70, 'x');
      value[at] = static_cast<char>(c);
      const std::string bytes = std::string(kStart) + value + "\r\n\r\n";
      const GuardedBytes guarded(bytes);
      ResponseHead head;
      const auto used = parse_response_head(guarded.view(), false, {}, head);
      ASSERT_EQ(used.has_value(), allowed) << c << " at " << at;
      if (allowed) {
        ASSERT_EQ(head.fields[0].value, trim(value));
      }
    }
  }
}

}  // namespace
}  // namespace molotov::http
