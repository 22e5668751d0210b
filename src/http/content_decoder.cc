#include "http/content_decoder.h"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <limits>
#include <optional>

#include "base/check.h"
#include "http/syntax.h"

namespace molotov::http {

namespace {

enum class Coding : uint8_t { identity, gzip, deflate, br, zstd };

constexpr size_t kLinksMax = 2;
constexpr size_t kBetweenBytes = 16384;  // buffer between two stages
constexpr size_t kAppendBytes = 16384;   // least room to decode into
constexpr int kRawWindow = -MAX_WBITS;   // zlib: no wrapping
constexpr int kZlibWindow = MAX_WBITS;
constexpr int kGzipWindow = 16 + MAX_WBITS;

std::optional<Coding> coding_of(std::string_view name) {
  if (name.empty() || equals_ignoring_case(name, "identity")) {
    return Coding::identity;
  }
  if (equals_ignoring_case(name, "gzip") ||
      equals_ignoring_case(name, "x-gzip")) {
    return Coding::gzip;
  }
  if (equals_ignoring_case(name, "deflate")) return Coding::deflate;
  if (equals_ignoring_case(name, "br")) return Coding::br;
  if (equals_ignoring_case(name, "zstd")) return Coding::zstd;
  return std::nullopt;
}

// RFC 1950 section 2.2.
bool is_zlib_header(uint8_t method, uint8_t flags) {
  return (method & 0x0f) == 8 && (method >> 4) <= 7 &&
         (method * 256 + flags) % 31 == 0;
}

unsigned clamped(size_t bytes) {
  return static_cast<unsigned>(
      std::min<size_t>(bytes, std::numeric_limits<unsigned>::max()));
}

// Gzip or deflate.
class InflateStage final : public ContentStage {
 public:
  explicit InflateStage(Coding coding) : coding_(coding) {}
  InflateStage(const InflateStage&) = delete;
  ~InflateStage() override {
    if (ready_) inflateEnd(&z_);
  }

  Result<ContentStep> decode(std::string_view in, std::span<char> out) override;
  Result<> finish() const override;

 private:
  bool begin(std::string_view& in);
  Result<> prepare();
  Result<ContentStep> inflate_some(std::string_view in, std::span<char> out);
  const char* name() const {
    return coding_ == Coding::gzip ? "gzip" : "deflate";
  }

  Coding coding_;
  bool started_ = false;       // a byte has been seen
  bool ready_ = false;         // z_ is initialised
  bool ended_ = false;         // at the end of a member
  bool ignores_rest_ = false;  // behind it is no other member
  // The first bytes of a deflate body, which tell its form.
  std::array<char, 2> head_{};
  size_t head_bytes_ = 0;
  size_t head_used_ = 0;
  z_stream z_{};
};

// Gathers what must be known before zlib can start. False: more is needed.
bool InflateStage::begin(std::string_view& in) {
  started_ |= !in.empty();
  if (coding_ == Coding::gzip) return started_;
  while (!in.empty() && head_bytes_ < head_.size()) {
    head_[head_bytes_++] = in.front();
    in.remove_prefix(1);
  }
  return head_bytes_ == head_.size();
}

Result<> InflateStage::prepare() {
  int window = kGzipWindow;
  if (coding_ == Coding::deflate) {
    window = is_zlib_header(uint8_t(head_[0]), uint8_t(head_[1])) ? kZlibWindow
                                                                  : kRawWindow;
  }
  if (inflateInit2(&z_, window) != Z_OK) {
    return fail(ErrorCode::limit, "no memory for zlib");
  }
  ready_ = true;
  return {};
}

Result<ContentStep> InflateStage::decode(std::string_view in,
                                         std::span<char> out) {
  const size_t in_bytes = in.size();
  if (!ready_) {
    if (!begin(in)) return ContentStep{in_bytes - in.size(), 0};
    if (auto done = prepare(); !done) {
      return std::unexpected(std::move(done.error()));
    }
  }
  ContentStep step;
  if (head_used_ < head_bytes_) {
    const std::string_view head(head_.data() + head_used_,
                                head_bytes_ - head_used_);
    auto first = inflate_some(head, out);
    if (!first) return first;
    head_used_ += first->consumed;
    step.produced = first->produced;
  }
  if (head_used_ == head_bytes_ && step.produced < out.size()) {
    auto rest = inflate_some(in, out.subspan(step.produced));
    if (!rest) return rest;
    in.remove_prefix(rest->consumed);
    step.produced += rest->produced;
  }
  step.consumed = in_bytes - in.size();
  return step;
}

Result<ContentStep> InflateStage::inflate_some(std::string_view in,
                                               std::span<char> out) {
  constexpr char kGzipMagic = 0x1f;
  if (ended_) {
    if (in.empty()) return ContentStep{};
    ignores_rest_ |= coding_ != Coding::gzip || in.front() != kGzipMagic;
    if (ignores_rest_) return ContentStep{in.size(), 0};
    CHECK(inflateReset(&z_) == Z_OK);
    ended_ = false;
  }
  z_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(in.data()));
  z_.avail_in = clamped(in.size());
  z_.next_out = reinterpret_cast<Bytef*>(out.data());
  z_.avail_out = clamped(out.size());
  const unsigned in_before = z_.avail_in;
  const unsigned out_before = z_.avail_out;
  const int status = inflate(&z_, Z_NO_FLUSH);
  const ContentStep step{in_before - z_.avail_in, out_before - z_.avail_out};
  if (status == Z_STREAM_END) {
    ended_ = true;
  } else if (status != Z_OK && status != Z_BUF_ERROR) {
    return fail(ErrorCode::http_content_coding,
                fmt::format("bad {} body: {}", name(),
                            z_.msg ? z_.msg : zError(status)));
  }
  return step;
}

Result<> InflateStage::finish() const {
  if (!started_ || ended_) return {};
  return fail(ErrorCode::http_content_coding,
              fmt::format("{} body ends too early, after {} bytes", name(),
                          ready_ ? z_.total_in : head_bytes_));
}

std::unique_ptr<ContentStage> stage_for(Coding coding) {
  if (coding == Coding::br) return make_brotli_stage();
  if (coding == Coding::zstd) return make_zstd_stage();
  return std::make_unique<InflateStage>(coding);
}

}  // namespace

struct ContentDecoder::Link {
  std::unique_ptr<ContentStage> stage;
  // What it gave and the next link has not taken; unused in the last link.
  std::unique_ptr<char[]> between;
  std::string_view unread;
};

std::unique_ptr<ContentDecoder> ContentDecoder::create(
    std::string_view content_encoding) {
  std::vector<Coding> codings;
  while (!content_encoding.empty()) {
    const auto coding = coding_of(take_list_element(content_encoding));
    if (!coding) return nullptr;
    if (*coding != Coding::identity) codings.push_back(*coding);
    if (codings.size() > kLinksMax) return nullptr;
  }
  if (codings.empty()) return nullptr;

  std::unique_ptr<ContentDecoder> decoder(new ContentDecoder);
  for (auto coding = codings.rbegin(); coding != codings.rend(); ++coding) {
    decoder->links_.push_back({stage_for(*coding), nullptr, {}});
  }
  return decoder;
}

ContentDecoder::~ContentDecoder() = default;

// What `out` can hold of the output of that stage. Each stage draws what it
// needs from the one before it.
Result<size_t> ContentDecoder::pull(size_t stage, std::string_view& in,
                                    std::span<char> out) {
  size_t produced = 0;
  while (produced < out.size()) {
    if (stage > 0 && links_[stage - 1].unread.empty()) {
      Link& before = links_[stage - 1];
      if (!before.between) {
        before.between = std::make_unique_for_overwrite<char[]>(kBetweenBytes);
      }
      auto drawn =
          pull(stage - 1, in, std::span(before.between.get(), kBetweenBytes));
      if (!drawn) return drawn;
      before.unread = {before.between.get(), *drawn};
    }
    std::string_view& source = stage > 0 ? links_[stage - 1].unread : in;
    auto step = links_[stage].stage->decode(source, out.subspan(produced));
    if (!step) return std::unexpected(std::move(step.error()));
    source.remove_prefix(step->consumed);
    produced += step->produced;
    if (step->consumed == 0 && step->produced == 0) break;
  }
  return produced;
}

Result<ContentDecoder::Step> ContentDecoder::decode(std::string_view in,
                                                    std::span<char> out) {
  CHECK(!out.empty());
  const size_t in_bytes = in.size();
  auto produced = pull(links_.size() - 1, in, out);
  if (!produced) return std::unexpected(std::move(produced.error()));
  return Step{in_bytes - in.size(), *produced};
}

Result<> ContentDecoder::decode(std::string_view in, Buffer& out) {
  size_t left = kDecodedBytesMax;
  for (;;) {
    std::span<char> room = out.prepare(kAppendBytes);
    room = room.first(std::min(room.size(), left));
    auto step = decode(in, room);
    if (!step) return std::unexpected(std::move(step.error()));
    out.commit(step->produced);
    in.remove_prefix(step->consumed);
    if (step->produced < room.size()) return {};
    left -= step->produced;
    if (left == 0) {
      return fail(ErrorCode::http_too_large,
                  fmt::format("a piece of the body decodes to {} bytes or more",
                              kDecodedBytesMax));
    }
  }
}

Result<> ContentDecoder::finish() const {
  for (const Link& link : links_) {
    if (auto done = link.stage->finish(); !done) return done;
  }
  return {};
}

}  // namespace molotov::http
