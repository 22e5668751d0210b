#include "http/h1_parser.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <optional>

#include "http/syntax.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace molotov::http {

namespace {

// The first byte that ends a run of text: a control other than tab, or `end`.
// Never reads at or behind `end`.
inline const char* skip_text(const char* p, const char* end) {
#if defined(__SSE2__)
  const __m128i controls = _mm_set1_epi8(0x1f);
  const __m128i tab = _mm_set1_epi8('\t');
  const __m128i del = _mm_set1_epi8(0x7f);
  for (; end - p >= 16; p += 16) {
    const __m128i v = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
    const __m128i control = _mm_cmpeq_epi8(_mm_min_epu8(v, controls), v);
    const __m128i stop =
        _mm_or_si128(_mm_andnot_si128(_mm_cmpeq_epi8(v, tab), control),
                     _mm_cmpeq_epi8(v, del));
    const auto mask = static_cast<unsigned>(_mm_movemask_epi8(stop));
    if (mask) return p + std::countr_zero(mask);
  }
#endif
  while (p != end && is_char(*p, kTextChar)) ++p;
  return p;
}

// The first byte that is no token character, or `end`.
inline const char* skip_token(const char* p, const char* end) {
#if defined(__SSE2__)
  // Sixteen at once of what nearly all names are made of: letters, digits, '-'.
  if (end - p >= 16) {
    const auto within = [](__m128i v, char first, char span) {
      const __m128i from_first = _mm_sub_epi8(v, _mm_set1_epi8(first));
      return _mm_cmpeq_epi8(_mm_min_epu8(from_first, _mm_set1_epi8(span)),
                            from_first);
    };
    const __m128i v = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
    const __m128i lower = _mm_or_si128(v, _mm_set1_epi8(0x20));
    const __m128i common =
        _mm_or_si128(_mm_or_si128(within(lower, 'a', 25), within(v, '0', 9)),
                     _mm_cmpeq_epi8(v, _mm_set1_epi8('-')));
    p += std::countr_one(static_cast<unsigned>(_mm_movemask_epi8(common)));
  }
#endif
  while (p != end && is_char(*p, kTokenChar)) ++p;
  return p;
}

// Whether a token equals a lower-case literal of the same length. ORing 0x20
// lowers letters and leaves '-' alone; no other token character becomes a
// letter or '-' by it. Compares words, the last ones overlapping.
template <size_t N>
inline bool is_name(const char* token, const char (&lower)[N]) {
  constexpr size_t kLength = N - 1;
  const auto same_at = [=, &lower]<typename Word>(size_t at, Word blanks) {
    Word a, b;
    std::memcpy(&a, token + at, sizeof a);
    std::memcpy(&b, lower + at, sizeof b);
    return static_cast<Word>(a | blanks) == b;
  };
  constexpr uint32_t kBlanks4 = 0x20202020;
  constexpr uint64_t kBlanks8 = 0x2020202020202020;
  if constexpr (kLength < 8) {
    static_assert(kLength >= 4);
    return same_at(0, kBlanks4) && same_at(kLength - 4, kBlanks4);
  } else {
    for (size_t at = 0; at + 8 <= kLength; at += 8) {
      if (!same_at(at, kBlanks8)) return false;
    }
    return same_at(kLength - 8, kBlanks8);
  }
}

std::optional<uint64_t> parse_length(std::string_view digits) {
  if (digits.empty()) return std::nullopt;
  uint64_t length = 0;
  for (char c : digits) {
    if (!is_char(c, kDigitChar) ||
        __builtin_mul_overflow(length, 10U, &length) ||
        __builtin_add_overflow(length, unsigned(c - '0'), &length)) {
      return std::nullopt;
    }
  }
  return length;
}

// Parses one head in one pass. Each step returns false where it had to stop:
// for lack of bytes, or after bad() at something that is wrong.
class HeadParser {
 public:
  HeadParser(std::string_view bytes, const HeadLimits& limits,
             MessageInfo& info, std::vector<Field>& fields)
      : begin_(bytes.data()),
        end_(bytes.data() + bytes.size()),
        p_(begin_),
        line_(begin_),
        limits_(limits),
        info_(info),
        fields_(fields) {
    info_ = {};
    fields_.clear();
  }

  bool status_line(ResponseHead& head);
  bool request_line(RequestHead& head);
  bool field_lines();

  // What the fields say of the body and of the connection, once all are read.
  void conclude_response(int status, bool method_is_head);
  bool conclude_request();

  size_t head_bytes() const { return size_t(p_ - begin_); }
  Result<size_t> stopped() const;

 private:
  enum class BodyField : uint8_t { none, length, coding, coding_chunked };

  bool bad(const char* at, const char* what) {
    bad_ = at;
    what_ = what;
    return false;
  }
  bool literal(std::string_view wanted, const char* what);
  bool version();
  bool status_code(int& status);
  bool word(uint8_t classes, std::string_view& word, const char* what);
  bool line_end();
  bool within_limits(const char* content_end);
  size_t line_bytes_max() const {
    return in_fields_ ? limits_.field_bytes : limits_.line_bytes;
  }
  bool is_line_too_long(const char* reached) const;
  bool field_line();
  bool note(std::string_view name, std::string_view value);
  bool note_length(std::string_view value);
  bool set_length(uint64_t length, const char* at);
  bool note_coding(std::string_view value);
  bool note_connection(std::string_view value);
  bool note_connection_option(std::string_view option);
  void conclude_keep_alive();
  Error too_large() const;
  std::string_view too_long_part(const char* reached) const;

  const char* const begin_;
  const char* const end_;
  const char* p_;
  const char* line_;        // where the current line begins
  size_t uncounted_ = 0;    // of its bytes, those that no limit is for
  bool in_fields_ = false;  // it is a field's
  const HeadLimits& limits_;
  MessageInfo& info_;
  std::vector<Field>& fields_;
  const char* bad_ = nullptr;
  const char* what_ = nullptr;  // nullptr at bad_: a limit
  BodyField body_ = BodyField::none;
  bool says_close_ = false;
  bool says_keep_alive_ = false;
};

inline bool HeadParser::literal(std::string_view wanted, const char* what) {
  if (size_t(end_ - p_) >= wanted.size() &&
      std::memcmp(p_, wanted.data(), wanted.size()) == 0) {
    p_ += wanted.size();
    return true;
  }
  for (char c : wanted) {
    if (p_ == end_) return false;
    if (*p_ != c) return bad(p_, what);
    ++p_;
  }
  return true;
}

bool HeadParser::version() {
  if (!literal("HTTP/1.", "not HTTP/1.x")) return false;
  if (p_ == end_) return false;
  if (!is_char(*p_, kDigitChar)) return bad(p_, "not HTTP/1.x");
  info_.minor_version = static_cast<uint8_t>(*p_++ - '0');
  return true;
}

bool HeadParser::status_code(int& status) {
  status = 0;
  for (int i = 0; i < 3; ++i, ++p_) {
    if (p_ == end_) return false;
    if (!is_char(*p_, kDigitChar)) return bad(p_, "bad status code");
    status = status * 10 + (*p_ - '0');
  }
  return status >= 100 || bad(p_ - 3, "bad status code");
}

bool HeadParser::status_line(ResponseHead& head) {
  uncounted_ = std::string_view("HTTP/1.1 200 ").size();
  if (!version() || !literal(" ", "no space after the version")) return false;
  if (!status_code(head.status)) return false;
  if (p_ == end_) return false;
  const char* reason = p_;
  if (*p_ == ' ') {
    reason = ++p_;
    p_ = skip_text(p_, end_);
  } else if (*p_ != '\r' && *p_ != '\n') {
    return bad(p_, "bad status code");
  }
  head.reason = {reason, size_t(p_ - reason)};
  return line_end();
}

// A run of `classes` and the space that ends it.
bool HeadParser::word(uint8_t classes, std::string_view& word,
                      const char* what) {
  const char* const start = p_;
  while (p_ != end_ && is_char(*p_, classes)) ++p_;
  word = {start, size_t(p_ - start)};
  if (p_ == end_) return false;
  if (*p_ != ' ' || word.empty()) return bad(p_, what);
  ++p_;
  return true;
}

bool HeadParser::request_line(RequestHead& head) {
  // RFC 9112 section 2.2: empty lines before a request are to be ignored.
  while (p_ != end_ && (*p_ == '\r' || *p_ == '\n')) {
    if (!line_end()) return false;
  }
  return word(kTokenChar, head.method, "bad method") &&
         word(kTargetChar, head.target, "bad request target") && version() &&
         line_end();
}

// The end of the current line, whose content ends here.
inline bool HeadParser::line_end() {
  const char* const content_end = p_;
  if (p_ == end_) return false;
  if (*p_ == '\r') {
    if (++p_ == end_) return false;
    if (*p_ != '\n') return bad(p_, "CR without LF");
  } else if (*p_ != '\n') {
    return bad(p_, "character not allowed here");
  }
  ++p_;
  if (!within_limits(content_end)) return false;
  line_ = p_;
  uncounted_ = 0;
  return true;
}

inline bool HeadParser::within_limits(const char* content_end) {
  return (size_t(content_end - line_) <= line_bytes_max() + uncounted_ &&
          size_t(p_ - begin_) <= limits_.head_bytes) ||
         bad(content_end, nullptr);
}

bool HeadParser::field_lines() {
  in_fields_ = true;
  for (;;) {
    if (p_ == end_) return false;
    if (*p_ == '\r' || *p_ == '\n') return line_end();
    if (!field_line()) return false;
  }
}

inline bool HeadParser::field_line() {
  const char* const start = p_;
  const char* p = skip_token(start, end_);
  if (p == end_) return false;
  if (*p != ':' || p == start) {
    if (p == start && (*p == ' ' || *p == '\t')) {
      return bad(p, "folded field line");
    }
    return bad(p, *p == ' ' || *p == '\t' ? "space before the colon"
                                          : "bad field name");
  }
  const std::string_view name(start, size_t(p - start));

  ++p;
  while (p != end_ && (*p == ' ' || *p == '\t')) ++p;
  const char* const value_start = p;
  uncounted_ = size_t(value_start - start) - name.size();
  p = skip_text(p, end_);
  p_ = p;
  while (p != value_start && (p[-1] == ' ' || p[-1] == '\t')) --p;
  const std::string_view value(value_start, size_t(p - value_start));

  if (!line_end()) return false;
  if (fields_.size() == limits_.fields) return bad(start, nullptr);
  fields_.push_back({name, value});
  return note(name, value);
}

// Takes up the fields that decide what comes next. Their lengths and first
// letters tell them from all others in one jump.
inline bool HeadParser::note(std::string_view name, std::string_view value) {
  const char* const n = name.data();
  switch (name.size()) {
    case 6:
      if (is_name(n, "expect")) {
        info_.expects_continue |= equals_ignoring_case(value, "100-continue");
      }
      return true;
    case 8:
      if (is_name(n, "location") && !info_.location.data()) {
        info_.location = value;
      }
      return true;
    case 10:
      if (is_name(n, "connection")) return note_connection(value);
      if (is_name(n, "set-cookie")) info_.has_set_cookie = true;
      return true;
    case 14:
      return !is_name(n, "content-length") || note_length(value);
    case 16:
      if (is_name(n, "content-encoding") && !info_.content_encoding.data()) {
        info_.content_encoding = value;
      }
      return true;
    case 17:
      return !is_name(n, "transfer-encoding") || note_coding(value);
    default:
      return true;
  }
}

// Digits, or a list of the same digits, as a proxy makes of repeated fields.
bool HeadParser::note_length(std::string_view value) {
  const char* const at = value.data();
  if (body_ == BodyField::coding || body_ == BodyField::coding_chunked) {
    return bad(at, "both Content-Length and Transfer-Encoding");
  }
  std::optional<uint64_t> length = parse_length(value);
  if (length) return set_length(*length, at);
  do {
    length = parse_length(take_list_element(value));
    if (!length) return bad(at, "bad Content-Length");
    if (!set_length(*length, at)) return false;
  } while (!value.empty());
  return true;
}

bool HeadParser::set_length(uint64_t length, const char* at) {
  if (body_ == BodyField::length && length != info_.content_length) {
    return bad(at, "differing Content-Lengths");
  }
  body_ = BodyField::length;
  info_.content_length = length;
  return true;
}

bool HeadParser::note_coding(std::string_view value) {
  const char* const at = value.data();
  if (body_ == BodyField::length) {
    return bad(at, "both Content-Length and Transfer-Encoding");
  }
  while (!value.empty()) {
    const std::string_view coding = take_list_element(value);
    if (coding.empty()) continue;
    const bool chunked = equals_ignoring_case(coding, "chunked");
    if (chunked && body_ == BodyField::coding_chunked) {
      return bad(at, "chunked twice");
    }
    body_ = chunked ? BodyField::coding_chunked : BodyField::coding;
  }
  return body_ != BodyField::none || bad(at, "empty Transfer-Encoding");
}

inline bool HeadParser::note_connection(std::string_view value) {
  if (note_connection_option(value)) return true;
  while (!value.empty()) note_connection_option(take_list_element(value));
  return true;
}

inline bool HeadParser::note_connection_option(std::string_view option) {
  if (option.size() == 10 && is_name(option.data(), "keep-alive")) {
    return says_keep_alive_ = true;
  }
  if (option.size() == 5 && is_name(option.data(), "close")) {
    return says_close_ = true;
  }
  return false;
}

void HeadParser::conclude_keep_alive() {
  info_.keep_alive =
      !says_close_ && (info_.minor_version >= 1 || says_keep_alive_);
  // RFC 9112 section 6.1: such framing is not to be trusted further.
  if (info_.minor_version == 0 &&
      (body_ == BodyField::coding || body_ == BodyField::coding_chunked)) {
    info_.keep_alive = false;
  }
}

// RFC 9112 section 6.3.
void HeadParser::conclude_response(int status, bool method_is_head) {
  conclude_keep_alive();
  if (method_is_head || status < 200 || status == 204 || status == 304) {
    info_.framing = Framing::none;
    // What follows 101 is another protocol's.
    if (status == 101) info_.keep_alive = false;
  } else if (body_ == BodyField::coding_chunked) {
    info_.framing = Framing::chunked;
  } else if (body_ == BodyField::length) {
    info_.framing = Framing::content_length;
  } else {
    info_.framing = Framing::until_close;
    info_.keep_alive = false;
  }
}

bool HeadParser::conclude_request() {
  conclude_keep_alive();
  info_.expects_continue &= info_.minor_version >= 1;
  switch (body_) {
    case BodyField::none:
      info_.framing = Framing::none;
      return true;
    case BodyField::length:
      info_.framing = Framing::content_length;
      return true;
    case BodyField::coding_chunked:
      info_.framing = Framing::chunked;
      return info_.minor_version >= 1 ||
             bad(begin_, "Transfer-Encoding in HTTP/1.0");
    case BodyField::coding:
      return bad(begin_, "Transfer-Encoding that does not end in chunked");
  }
  return true;
}

// How far `to` lies behind `from`: 0 where a field was found wrong only after
// its line.
size_t distance(const char* from, const char* to) {
  return to > from ? size_t(to - from) : 0;
}

// What is over the limit of a line, as far as it has come: a field's name or
// its value, or what the limit of start lines is for.
std::string_view HeadParser::too_long_part(const char* reached) const {
  const std::string_view line(line_, size_t(reached - line_));
  if (!in_fields_) return line.substr(uncounted_);
  const size_t colon = std::min(line.find(':'), line.size());
  if (colon > limits_.field_bytes) return line.substr(0, colon);
  return line.substr(colon + uncounted_);
}

bool HeadParser::is_line_too_long(const char* reached) const {
  // An unfinished line may have its CR already.
  const size_t unsure = bad_ ? 0 : 1;
  return distance(line_, reached) > line_bytes_max() + uncounted_ + unsure;
}

// As Python writes the beginning of it, for the message that aiohttp has.
std::string bytes_literal(std::string_view text) {
  constexpr size_t kBytesMax = 100;
  text = text.substr(0, kBytesMax);
  const char quote = text.contains('\'') && !text.contains('"') ? '"' : '\'';
  std::string out = {'b', quote};
  for (char c : text) {
    if (c == quote || c == '\\') {
      out += {'\\', c};
    } else if (c == '\t') {
      out += "\\t";
    } else if (c == ' ' || is_char(c, kTargetChar)) {
      out += c;
    } else {
      out += fmt::format("\\x{:02x}", static_cast<uint8_t>(c));
    }
  }
  return out + "..." + quote;
}

Error HeadParser::too_large() const {
  const char* const reached = bad_ ? bad_ : end_;
  std::string detail;
  if (is_line_too_long(reached)) {
    const std::string part = bytes_literal(too_long_part(reached));
    detail = fmt::format(
        "Got more than {} bytes when reading: {}.", line_bytes_max(),
        in_fields_ ? part : fmt::format("bytearray({})", part));
  } else if (fields_.size() == limits_.fields) {
    detail = "Too many headers received";
  } else {
    detail = fmt::format("header block over {} bytes", limits_.head_bytes);
  }
  return Error{ErrorCode::http_too_large, 0, std::move(detail)};
}

// Whole or in pieces, the same message gets the same code: what lies beyond a
// limit is too large before it is malformed.
Result<size_t> HeadParser::stopped() const {
  const char* const reached = bad_ ? bad_ : end_;
  if ((bad_ && !what_) || is_line_too_long(reached) ||
      distance(begin_, reached) >= limits_.head_bytes) {
    return std::unexpected(too_large());
  }
  if (!bad_) return 0;
  const std::string_view before(begin_, size_t(bad_ - begin_));
  const char* const line = begin_ + (before.rfind('\n') + 1);
  return fail(ErrorCode::http_malformed,
              fmt::format("{} at byte {}, in {}", what_, before.size(),
                          excerpt({line, size_t(end_ - line)})));
}

}  // namespace

Result<size_t> parse_response_head(std::string_view bytes, bool method_is_head,
                                   const HeadLimits& limits,
                                   ResponseHead& head) {
  HeadParser parser(bytes, limits, head.info, head.fields);
  if (!parser.status_line(head) || !parser.field_lines()) {
    return parser.stopped();
  }
  parser.conclude_response(head.status, method_is_head);
  return parser.head_bytes();
}

Result<size_t> parse_request_head(std::string_view bytes,
                                  const HeadLimits& limits, RequestHead& head) {
  HeadParser parser(bytes, limits, head.info, head.fields);
  if (!parser.request_line(head) || !parser.field_lines() ||
      !parser.conclude_request()) {
    return parser.stopped();
  }
  return parser.head_bytes();
}

const Field* find_field(std::span<const Field> fields, std::string_view name) {
  for (const Field& field : fields) {
    if (field.name.size() == name.size() &&
        equals_ignoring_case(field.name, name)) {
      return &field;
    }
  }
  return nullptr;
}

}  // namespace molotov::http
