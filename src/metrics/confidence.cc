#include "metrics/confidence.h"

#include <algorithm>
#include <ranges>
#include <vector>

namespace molotov::metrics {

namespace {

// What is less likely than the likeliest by more than that adds nothing.
constexpr double kNothing = 1e-20;

// How likely each number of successes is, as multiples of the likeliest one,
// for those that are likely at all: by what each is of its neighbour, which
// takes no factorials.
struct Binomial {
  uint64_t first = 0;  // the number that weights[0] is of
  std::vector<double> weights;
  double sum = 0;

  Binomial(uint64_t trials, double chance) {
    const double odds = chance / (1 - chance);
    const auto n = static_cast<double>(trials);
    const auto likeliest =
        std::min(static_cast<uint64_t>((n + 1) * chance), trials);
    double weight = 1;
    first = likeliest;
    weights.push_back(weight);
    while (first > 0 && weight > kNothing) {
      const auto k = static_cast<double>(first--);
      weight *= k / (n - k + 1) / odds;
      weights.push_back(weight);
    }
    std::ranges::reverse(weights);
    weight = 1;
    for (uint64_t k = likeliest; k < trials && weight > kNothing; k++) {
      weight *=
          (n - static_cast<double>(k)) / static_cast<double>(k + 1) * odds;
      weights.push_back(weight);
    }
    // The small ones first.
    for (const double each : weights) sum += each;
  }
};

}  // namespace

// The true one is below the value of rank r when fewer than r of all lie below
// it. So the lower rank is the largest with P(fewer than r) <= tail, the upper
// one the smallest with P(r or more) <= tail.
RankInterval confidence_ranks(uint64_t count, double fraction, double level) {
  RankInterval ranks;
  if (count == 0) return ranks;
  const Binomial below(count, fraction);
  const double tail = (1 - level) / 2 * below.sum;
  double passed = 0;
  uint64_t rank = below.first;  // with P(fewer than it) = passed
  for (const double weight : below.weights) {
    if (passed + weight > tail) break;
    passed += weight;
    rank++;
  }
  if (rank > 0) ranks.low = rank;
  passed = 0;
  rank = below.first + below.weights.size();  // with P(it or more) = passed
  for (const double weight : std::views::reverse(below.weights)) {
    if (passed + weight > tail) break;
    passed += weight;
    rank--;
  }
  if (rank <= count) ranks.high = rank;
  return ranks;
}

ConfidenceInterval confidence_interval(const Histogram& histogram,
                                       double fraction, double level) {
  const RankInterval ranks =
      confidence_ranks(histogram.count(), fraction, level);
  ConfidenceInterval interval;
  if (ranks.low) interval.low = histogram.at_rank(*ranks.low);
  if (ranks.high) interval.high = histogram.at_rank(*ranks.high);
  return interval;
}

}  // namespace molotov::metrics
