#include "load/arrivals.h"

#include <cmath>

#include "base/check.h"

namespace molotov::load {

Arrivals::Arrivals(const Profile& profile, Arrival kind, Share share,
                   Random random)
    : profile_(&profile),
      kind_(kind),
      share_(share),
      random_(random),
      sum_(static_cast<double>(share.index)) {
  CHECK(share.index < share.processes);
  if (kind == Arrival::poisson) {
    sum_ = 0;
    advance_sum();
  }
  find();
}

void Arrivals::bound(uint64_t most, Duration from) {
  from_ = from;
  // Which of those of all processes that are bounded is this one's first.
  uint64_t place = share_.index;
  if (kind_ == Arrival::constant) {
    const uint64_t before = first_due_from(from) % share_.processes;
    place = (share_.index + share_.processes - before) % share_.processes;
  }
  left_ = most / share_.processes + (place < most % share_.processes ? 1 : 0);
  find();
}

// Of all constant arrivals, the number of the first that is due then or later.
uint64_t Arrivals::first_due_from(Duration from) const {
  uint64_t low = 0;
  auto high = static_cast<uint64_t>(std::ceil(profile_->total()));
  while (low < high) {
    const uint64_t middle = low + (high - low) / 2;
    const auto due = profile_->time_of(static_cast<double>(middle));
    if (due && *due < from)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

void Arrivals::advance() {
  CHECK(next_);
  if (*next_ >= from_) left_--;
  number_++;
  advance_sum();
  find();
}

void Arrivals::advance_sum() {
  const auto processes = static_cast<double>(share_.processes);
  if (kind_ == Arrival::poisson)
    sum_ -= std::log1p(-random_.uniform(number_)) * processes;
  else
    sum_ = static_cast<double>(share_.index) +
           static_cast<double>(number_) * processes;
}

void Arrivals::find() {
  next_ = profile_->time_of(sum_);
  if (left_ == 0 && next_ && *next_ >= from_) next_.reset();
}

}  // namespace molotov::load
