// Aim: every request is in the sum of the table, whatever does not fit in it.
#include "metrics/endpoints.h"

#include <gtest/gtest.h>

#include <memory>

namespace molotov::metrics {
namespace {

using Outcomes = std::map<Outcome, uint64_t>;

class EndpointsTest : public testing::Test {
 protected:
  std::unique_ptr<Board> board_ = std::move(*Board::create(2));
};

TEST_F(EndpointsTest, NothingAtFirst) {
  EXPECT_TRUE(endpoints(*board_).all.empty());
  EXPECT_EQ(endpoints(*board_).others, 0u);
}

TEST_F(EndpointsTest, AllProcessesTogetherBusiestFirst) {
  EndpointTable& one = board_->endpoints(0);
  EndpointTable& other = board_->endpoints(1);
  one.count("GET a/", 200);
  one.count("GET b/", 200);
  one.count("GET b/", 200);
  other.count("GET b/", 500);
  other.count("GET b/", failed_outcome(ErrorKind::timeout));
  other.count("GET 0/", 200);
  const Endpoints found = endpoints(*board_);
  ASSERT_EQ(found.all.size(), 3u);
  EXPECT_EQ(found.all[0].name, "GET b/");
  EXPECT_EQ(found.all[0].requests, 4u);
  EXPECT_EQ(
      found.all[0].by_outcome,
      Outcomes({{200, 2}, {500, 1}, {failed_outcome(ErrorKind::timeout), 1}}));
  EXPECT_EQ(found.all[1].name, "GET 0/");
  EXPECT_EQ(found.all[2].name, "GET a/");
}

TEST_F(EndpointsTest, OthersAreCountedWhenTheTableIsFull) {
  EndpointTable& table = board_->endpoints(0);
  constexpr uint64_t kMany = 2 * EndpointTable::kRows;
  for (int round = 0; round < 2; round++)
    for (uint64_t i = 0; i < kMany; i++)
      table.count("GET a/" + std::to_string(i), 200);
  const Endpoints found = endpoints(*board_);
  EXPECT_GT(found.all.size(), EndpointTable::kRows * 3 / 4);
  uint64_t sum = found.others;
  for (const Endpoint& endpoint : found.all) {
    EXPECT_EQ(endpoint.requests, 2u);
    sum += endpoint.requests;
  }
  EXPECT_EQ(sum, 2 * kMany);
}

TEST_F(EndpointsTest, LongNamesAreCutAndMerged) {
  EndpointTable& table = board_->endpoints(0);
  const std::string longest(120, 'x');
  table.count(longest, 200);
  table.count(longest + "1", 200);
  table.count(longest + "2", 404);
  const Endpoints found = endpoints(*board_);
  ASSERT_EQ(found.all.size(), 2u);
  EXPECT_EQ(found.all[0].name, std::string(117, 'x') + "…");
  EXPECT_EQ(found.all[0].by_outcome, Outcomes({{200, 1}, {404, 1}}));
  EXPECT_EQ(found.all[1].name, longest);
}

TEST_F(EndpointsTest, OutcomesHaveNames) {
  EXPECT_EQ(outcome_name(200), "200");
  EXPECT_EQ(outcome_name(999), "999");
  EXPECT_EQ(outcome_name(failed_outcome(ErrorKind::dns)), "dns");
  EXPECT_EQ(outcome_name(failed_outcome(ErrorKind::other)), "other");
}

}  // namespace
}  // namespace molotov::metrics
