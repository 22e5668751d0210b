#include "load/stages.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "base/numerals.h"

namespace molotov::load {

namespace {

// Beyond that it is a slip of the pen, and numbers need no further care.
constexpr double kWorkersMost = 1'000'000;
constexpr double kRateMost = 1e9;

std::unexpected<Error> refuse(const char* what) {
  return fail(ErrorCode::invalid_argument, what);
}

std::optional<Duration> duration_of(std::string_view text) {
  auto seconds = parse_span(text);
  if (!seconds) seconds = parse_float(text);
  if (!seconds || *seconds < 0 || !std::isfinite(*seconds)) return std::nullopt;
  return seconds_to_duration(*seconds);
}

// What the parts so far say of the whole; 0 may be either.
enum class Kind : uint8_t { any, workers, rate };

struct Level {
  double value = 0;
  Kind kind = Kind::any;
};

std::optional<Level> level_of(std::string_view text) {
  if (text.contains('/')) {
    const auto rate = parse_rate(text);
    if (!rate || *rate < 0 || *rate > kRateMost) return std::nullopt;
    return Level{*rate, Kind::rate};
  }
  const auto workers = parse_int(text);
  if (!workers || *workers < 0) return std::nullopt;
  const auto value = static_cast<double>(*workers);
  if (value > kWorkersMost) return std::nullopt;
  return Level{value, *workers == 0 ? Kind::any : Kind::workers};
}

}  // namespace

Duration Stages::length() const {
  Duration sum{0};
  for (const Piece& piece : pieces) sum += piece.span;
  return sum;
}

double Stages::highest() const {
  double most = 0;
  for (const Piece& piece : pieces) most = std::max(most, piece.to);
  return most;
}

Result<Stages> parse_stages(std::string_view text) {
  Stages stages;
  Kind kind = Kind::any;
  double before = 0;
  Duration length{0};
  for (bool more = true; more;) {
    const size_t comma = text.find(',');
    const std::string_view part = text.substr(0, comma);
    more = comma != text.npos;
    if (more) text.remove_prefix(comma + 1);

    const size_t colon = part.find(':');
    if (colon == part.npos) return refuse("must be DURATION:LEVEL,...");
    const auto span = duration_of(part.substr(0, colon));
    const auto level = level_of(part.substr(colon + 1));
    if (!span && level_of(part.substr(0, colon)))
      return refuse("must have the duration first, DURATION:LEVEL,...");
    if (!span) return refuse("must begin each stage with a duration");
    if (!level)
      return refuse(
          "must have a number of workers or a rate (N/s, N/m) "
          "behind each duration");
    if (level->kind != Kind::any && kind != Kind::any && kind != level->kind)
      return refuse("must be of workers or of rates throughout");
    if (level->kind != Kind::any) kind = level->kind;
    if (*span > kLongestSpan - length) return refuse("must end some day");
    length += *span;
    stages.pieces.push_back({*span, before, level->value});
    before = level->value;
  }
  stages.of_rate = kind == Kind::rate;
  if (stages.highest() <= 0) return refuse("must rise above 0");
  if (length <= 0ns) return refuse("must take some time");
  return stages;
}

}  // namespace molotov::load
