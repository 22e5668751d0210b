// Aim: every time is kept as it was, told exactly, and forgotten when asked.
#include "target/truth.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

namespace molotov::target {
namespace {

const Instant kStart = MonotonicClock::now();

net::Arrival at(Instant when, bool stamped = true) {
  return {.at = when, .read_at = when, .stamped = stamped};
}

nlohmann::json json_of(const Truth& truth) {
  return nlohmann::json::parse(truth.to_json(), nullptr, false);
}

TEST(TruthTest, KeepsNothingUnlessThereIsRoom) {
  EXPECT_FALSE(Truth::create(2, 0)->kept());
  EXPECT_TRUE(Truth::create(2, 1)->kept());
}

TEST(TruthTest, IsNullBeforeTheFirstAnswer) {
  const auto truth = Truth::create(1, 10);
  EXPECT_EQ(truth->to_json(), R"({"count": 0, "unstamped": 0, "dropped": 0, )"
                              R"("mean_seconds": null, "min_seconds": null, )"
                              R"("p50_seconds": null, "p90_seconds": null, )"
                              R"("p99_seconds": null, "p99.9_seconds": null, )"
                              R"("max_seconds": null})");
}

TEST(TruthTest, TellsOfOneAnswerToTheNanosecond) {
  auto truth = Truth::create(1, 10);
  truth->record(0, at(kStart), kStart + 1'234'567'891ns);
  EXPECT_EQ(truth->to_json(),
            R"({"count": 1, "unstamped": 0, "dropped": 0, )"
            R"("mean_seconds": 1.234567891, "min_seconds": 1.234567891, )"
            R"("p50_seconds": 1.234567891, "p90_seconds": 1.234567891, )"
            R"("p99_seconds": 1.234567891, "p99.9_seconds": 1.234567891, )"
            R"("max_seconds": 1.234567891})");
}

// The percentile is a time that was, not one between two.
TEST(TruthTest, PercentilesAreOfTheNearestRank) {
  auto truth = Truth::create(2, 2000);
  for (int i = 2000; i > 0; i--)
    truth->record(i % 2, at(kStart), kStart + i * 1us);
  const auto json = json_of(*truth);
  EXPECT_EQ(json["count"], 2000);
  EXPECT_DOUBLE_EQ(json["min_seconds"], 1e-6);
  EXPECT_DOUBLE_EQ(json["mean_seconds"], 1000.5e-6);
  EXPECT_DOUBLE_EQ(json["p50_seconds"], 1000e-6);
  EXPECT_DOUBLE_EQ(json["p90_seconds"], 1800e-6);
  EXPECT_DOUBLE_EQ(json["p99_seconds"], 1980e-6);
  EXPECT_DOUBLE_EQ(json["p99.9_seconds"], 1998e-6);
  EXPECT_DOUBLE_EQ(json["max_seconds"], 2000e-6);
}

TEST(TruthTest, CountsWhatItHasNoRoomFor) {
  auto truth = Truth::create(2, 2);
  for (int i = 1; i <= 5; i++) truth->record(1, at(kStart), kStart + i * 1ns);
  EXPECT_EQ(truth->times(), (std::vector<int64_t>{1, 2}));
  EXPECT_EQ(json_of(*truth)["dropped"], 3);
}

TEST(TruthTest, CountsWhatHasNoStamp) {
  auto truth = Truth::create(1, 10);
  truth->record(0, at(kStart), kStart + 1ns);
  truth->record(0, at(kStart, false), kStart + 2ns);
  EXPECT_EQ(json_of(*truth)["unstamped"], 1);
  EXPECT_EQ(json_of(*truth)["count"], 2);
}

TEST(TruthTest, AResetForgetsWhatCameBefore) {
  auto truth = Truth::create(2, 10);
  for (size_t process : {0, 1})
    truth->record(process, at(kStart, false), kStart + 1ns);
  truth->reset(kStart + 10ns);
  EXPECT_EQ(json_of(*truth)["count"], 0);
  EXPECT_EQ(json_of(*truth)["unstamped"], 0);
  // Under way during the reset.
  truth->record(0, at(kStart + 9ns), kStart + 20ns);
  EXPECT_EQ(json_of(*truth)["count"], 0);
  truth->record(0, at(kStart + 10ns), kStart + 15ns);
  EXPECT_EQ(truth->times(), std::vector<int64_t>{5});
  EXPECT_EQ(json_of(*truth)["unstamped"], 0);
}

TEST(TruthTest, IsSharedByProcesses) {
  auto truth = Truth::create(2, 10);
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    truth->record(1, at(kStart), kStart + 7ns);
    _exit(0);
  }
  int status = -1;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  ASSERT_EQ(status, 0);
  truth->record(0, at(kStart), kStart + 3ns);
  EXPECT_EQ(truth->times(), (std::vector<int64_t>{3, 7}));
}

}  // namespace
}  // namespace molotov::target
