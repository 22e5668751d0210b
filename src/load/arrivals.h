// The times at which runs are to begin, one after the other: this process'
// share of those that a profile of rates asks for. Nothing is stored; a copy
// goes its own way.
#pragma once

#include <cstdint>
#include <optional>

#include "base/random.h"
#include "load/profile.h"

namespace molotov::load {

enum class Arrival : uint8_t {
  constant,  // as evenly as the rate changes
  poisson,   // independently of each other, as users of the world come
};

// Which of how many processes.
struct Share {
  uint64_t index = 0;
  uint64_t processes = 1;
};

class Arrivals {
 public:
  // Of constant arrivals, number k of all is process k mod N's, and together
  // they are exact; of Poisson ones each process has a stream of its own, at a
  // share of the rate. The profile is borrowed.
  Arrivals(const Profile& profile, Arrival kind, Share share, Random random);

  // Has it end after so many of all processes' arrivals that are due at `from`
  // or later.
  void bound(uint64_t most, Duration from);

  // When the next one is due, from the profile's beginning; nothing when there
  // is none.
  std::optional<Duration> next() const { return next_; }
  // As many have been as bound() lets there be.
  bool bound_reached() const { return left_ == 0; }
  // Which one of this process' that is, from 0.
  uint64_t number() const { return number_; }
  // To the one behind it. REQUIRES: there is a next one.
  void advance();

 private:
  void advance_sum();
  void find();
  uint64_t first_due_from(Duration from) const;

  const Profile* profile_;
  Arrival kind_;
  Share share_;
  Random random_;
  double sum_;  // of the profile, at which the next one is due
  uint64_t number_ = 0;
  uint64_t left_ = UINT64_MAX;  // of those that are due at from_ or later
  Duration from_{0};
  std::optional<Duration> next_;
};

}  // namespace molotov::load
