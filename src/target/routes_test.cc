// Aim: the delays of a route have the distribution that it is called by, and a
// seed repeats them. What goes over the wire is in server_test.cc.
#include "target/routes.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

namespace molotov::target {
namespace {

constexpr size_t kDraws = 20'000;

// The delays of so many requests for `target`, in nanoseconds.
std::vector<int64_t> draw(std::string target, uint64_t seed = 1,
                          size_t draws = kDraws) {
  const CounterPage page = std::move(*CounterPage::create(1));
  Truth truth = std::move(*Truth::create(1, 0));
  Routes routes(page, truth, seed);
  const std::string request = "GET " + target + " HTTP/1.1\r\nHost: t\r\n\r\n";
  http::RequestHead head;
  EXPECT_TRUE(http::parse_request_head(request, {}, head));
  std::vector<int64_t> delays;
  for (size_t i = 0; i < draws; i++) {
    const Reply reply = routes.answer(head);
    EXPECT_EQ(reply.status, 200);
    delays.push_back(reply.delay.count());
  }
  return delays;
}

TEST(RoutesTest, DelayTakesFractions) {
  EXPECT_EQ(draw("/delay/20", 1, 1), std::vector<int64_t>{20'000'000});
  EXPECT_EQ(draw("/delay/0.25", 1, 1), std::vector<int64_t>{250'000});
}

TEST(RoutesTest, LogNormal) {
  std::vector<int64_t> delays = draw("/lognormal/5/0.5");
  std::sort(delays.begin(), delays.end());
  // A quantile is the median times e^(sigma z), z the normal distribution's.
  const std::pair<double, double> rows[] = {
      {0.1, -1.28155}, {0.5, 0}, {0.9, 1.28155}, {0.99, 2.32635}};
  for (const auto& [fraction, z] : rows) {
    const auto index = static_cast<size_t>(fraction * kDraws);
    const double expected = 5e6 * std::exp(0.5 * z);
    EXPECT_NEAR(static_cast<double>(delays[index]), expected, 0.04 * expected)
        << fraction;
  }
}

TEST(RoutesTest, LogNormalWithoutSpreadIsItsMedian) {
  for (const int64_t delay : draw("/lognormal/2.5/0", 1, 10))
    EXPECT_EQ(delay, 2'500'000);
}

TEST(RoutesTest, DelaysHaveAnEnd) {
  const std::vector<int64_t> delays = draw("/lognormal/86400000/10", 1, 100);
  EXPECT_EQ(*std::max_element(delays.begin(), delays.end()),
            Duration(std::chrono::hours(24)).count());
}

TEST(RoutesTest, Bimodal) {
  const std::vector<int64_t> delays = draw("/bimodal/1/100/1000", 1, 200'000);
  const auto slow = std::count(delays.begin(), delays.end(), 100'000'000);
  const auto fast = std::count(delays.begin(), delays.end(), 1'000'000);
  EXPECT_EQ(slow + fast, 200'000);
  EXPECT_NEAR(static_cast<double>(slow), 200, 60);
  for (const int64_t delay : draw("/bimodal/1/100/1", 1, 100))
    EXPECT_EQ(delay, 100'000'000);
}

TEST(RoutesTest, ASeedRepeatsTheDelays) {
  EXPECT_EQ(draw("/lognormal/5/1", 3, 100), draw("/lognormal/5/1", 3, 100));
  EXPECT_NE(draw("/lognormal/5/1", 3, 100), draw("/lognormal/5/1", 4, 100));
}

}  // namespace
}  // namespace molotov::target
