// A load over time, in linear pieces: of a rate, or of workers. Arithmetic
// only.
#pragma once

#include <optional>
#include <vector>

#include "base/time.h"

namespace molotov::load {

// From one level to another, evenly, in that time; at once where it is 0.
struct Piece {
  Duration span{0};
  double from = 0;
  double to = 0;
};

// So many workers from that time on.
struct WorkersChange {
  Duration at{0};
  int workers = 0;
  bool operator==(const WorkersChange&) const = default;
};

class Profile {
 public:
  // One behind the other, from time 0.
  explicit Profile(const std::vector<Piece>& pieces);

  Duration length() const { return length_; }
  // The area below it: of a rate a second, how many arrivals it asks for in
  // all.
  double total() const { return total_; }

  // When the area becomes larger than `sum`, which is when arrival `sum`,
  // counted from 0, is due. Nothing where it never does.
  std::optional<Duration> time_of(double sum) const;

  // The times at which there is to be one worker more or less, in their order.
  // The first one begins when a piece begins to rise from 0, the last one ends
  // when a piece has fallen to it.
  // REQUIRES: its levels are whole numbers.
  std::vector<WorkersChange> workers_changes() const;

 private:
  struct Placed {
    Piece piece;
    Duration begins{0};
    double sum_before = 0;
    double sum_after = 0;
  };
  std::vector<Placed> pieces_;
  Duration length_{0};
  double total_ = 0;
};

}  // namespace molotov::load
