#include "load/stages.h"

#include <gtest/gtest.h>

#include <string>

namespace molotov::load {
namespace {

TEST(Stages, AreOfWorkersWithoutAUnit) {
  const auto stages = parse_stages("30s:100,2m:1000, 1500ms:0");
  ASSERT_TRUE(stages) << stages.error().detail;
  EXPECT_FALSE(stages->of_rate);
  ASSERT_EQ(stages->pieces.size(), 3u);
  EXPECT_EQ(stages->pieces[0].span, 30s);
  EXPECT_EQ(stages->pieces[0].from, 0);
  EXPECT_EQ(stages->pieces[0].to, 100);
  EXPECT_EQ(stages->pieces[1].from, 100);
  EXPECT_EQ(stages->pieces[1].to, 1000);
  EXPECT_EQ(stages->pieces[2].to, 0);
  EXPECT_EQ(stages->length(), 30s + 2min + 1500ms);
  EXPECT_EQ(duration_to_seconds(stages->length()), 151.5);
  EXPECT_EQ(stages->highest(), 1000);
}

TEST(Stages, AreOfARateWithOne) {
  const auto stages = parse_stages("10:600/m,0s:20/s,10s:0");
  ASSERT_TRUE(stages) << stages.error().detail;
  EXPECT_TRUE(stages->of_rate);
  EXPECT_EQ(stages->pieces[0].to, 10);
  EXPECT_EQ(stages->pieces[1].span, 0s);
  EXPECT_EQ(stages->highest(), 20);
  EXPECT_EQ(stages->length(), 20s);
}

TEST(Stages, SayWhatTheyMustBe) {
  const std::pair<const char*, const char*> rows[] = {
      {"", "must be DURATION:LEVEL,..."},
      {"30s", "must be DURATION:LEVEL,..."},
      {"30s:5,", "must be DURATION:LEVEL,..."},
      {"x:5", "must begin each stage with a duration"},
      {"-1s:5", "must begin each stage with a duration"},
      {"inf:5", "must begin each stage with a duration"},
      {"100/s:30s", "must have the duration first, DURATION:LEVEL,..."},
      {"30s:5.5",
       "must have a number of workers or a rate (N/s, N/m) behind "
       "each duration"},
      {"30s:-5",
       "must have a number of workers or a rate (N/s, N/m) behind "
       "each duration"},
      {"30s:1/h",
       "must have a number of workers or a rate (N/s, N/m) behind "
       "each duration"},
      {"30s:inf/s",
       "must have a number of workers or a rate (N/s, N/m) behind "
       "each duration"},
      {"30s:9999999",
       "must have a number of workers or a rate (N/s, N/m) "
       "behind each duration"},
      {"1s:5,1s:5/s", "must be of workers or of rates throughout"},
      {"1s:5/s,1s:0,1s:5", "must be of workers or of rates throughout"},
      {"30s:0", "must rise above 0"},
      {"0s:5", "must take some time"},
      {"99999d:5,1s:0", "must end some day"},
  };
  for (const auto& [text, says] : rows) {
    const auto stages = parse_stages(text);
    ASSERT_FALSE(stages) << text;
    EXPECT_EQ(stages.error().detail, says) << text;
  }
}

}  // namespace
}  // namespace molotov::load
