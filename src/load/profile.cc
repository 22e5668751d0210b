#include "load/profile.h"

#include <algorithm>
#include <cmath>

namespace molotov::load {

namespace {

// What the rounding errors of a sum that is to be a whole number stay below, so
// that there is not one arrival more or less.
double slack(double sum) {
  return std::max(1e-9, 1e-13 * sum);
}

// How far into a piece its area is `area`.
double seconds_into(const Piece& piece, double area) {
  if (area <= 0) return 0;
  const double slope =
      (piece.to - piece.from) / duration_to_seconds(piece.span);
  // The solution of from·t + slope·t²/2 = area that does not cancel.
  const double root =
      std::sqrt(std::max(piece.from * piece.from + 2 * slope * area, 0.0));
  return 2 * area / (piece.from + root);
}

}  // namespace

Profile::Profile(const std::vector<Piece>& pieces) {
  for (const Piece& piece : pieces) {
    const double area =
        duration_to_seconds(piece.span) * (piece.from + piece.to) / 2;
    pieces_.push_back({piece, length_, total_, total_ + area});
    length_ += piece.span;
    total_ += area;
  }
}

std::optional<Duration> Profile::time_of(double sum) const {
  const auto found = std::ranges::find_if(pieces_, [sum](const Placed& placed) {
    return sum < placed.sum_after - slack(placed.sum_after);
  });
  if (found == pieces_.end()) return std::nullopt;
  const double seconds = seconds_into(found->piece, sum - found->sum_before);
  return found->begins +
         std::min(seconds_to_duration(seconds), found->piece.span);
}

std::vector<WorkersChange> Profile::workers_changes() const {
  std::vector<WorkersChange> changes;
  for (const Placed& placed : pieces_) {
    const auto from = static_cast<int>(placed.piece.from);
    const auto to = static_cast<int>(placed.piece.to);
    const double each = duration_to_seconds(placed.piece.span) /
                        std::max(std::abs(to - from), 1);
    const auto at = [&](int steps) {
      return placed.begins + seconds_to_duration(each * steps);
    };
    for (int i = from; i < to; i++) changes.push_back({at(i - from), i + 1});
    for (int i = from - 1; i >= to; i--) changes.push_back({at(from - i), i});
  }
  return changes;
}

}  // namespace molotov::load
