// When a crossed threshold is a reason to stop.
#include "report/objectives.h"

#include <gtest/gtest.h>

#include "metrics/testing.h"

namespace molotov::report {
namespace {

Objectives objectives(std::vector<std::string> texts, double abort_after) {
  return Objectives::parse(texts, abort_after).value();
}

TEST(ObjectivesTest, SaysWhatCannotBeRead) {
  const std::vector<std::string> texts = {"errors == 0", "p99 < 250"};
  const auto read = Objectives::parse(texts, {});
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error(),
            "give a unit: us, ms or s\n"
            "  p99 < 250\n"
            "           ^");
}

TEST(ObjectivesTest, AfterItsGraceACrossedOneStopsOnce) {
  metrics::CountedRun run;
  Objectives goals = objectives({"max < 1s", "errors < 2"}, 3);
  run.answered("GET\ta\t/", 200, 1, 2ms);
  run.failed("GET\ta\t/", metrics::ErrorKind::reset, 2);
  EXPECT_FALSE(goals.reason_to_stop(run.after(2s), {}));
  EXPECT_EQ(goals.reason_to_stop(run.after(1s), {}),
            "Stopping: threshold crossed: errors < 2 (found 2)");
  EXPECT_FALSE(goals.reason_to_stop(run.after(1s), {}));
}

TEST(ObjectivesTest, WhatIsCrossedLaterStopsLater) {
  metrics::CountedRun run;
  Objectives goals = objectives({"failures == 0"}, 0);
  metrics::Totals totals;
  totals.runs_succeeded = 1;
  EXPECT_FALSE(goals.reason_to_stop(run.after(1s), totals));
  totals.runs_failed = 1;
  EXPECT_TRUE(goals.reason_to_stop(run.after(1s), totals));
}

TEST(ObjectivesTest, WhatWasNeverSeenMayStillCome) {
  metrics::CountedRun run;
  Objectives goals = objectives({R"("GET /late" p99 < 1s)", "max < 1s"}, 1);
  EXPECT_FALSE(goals.reason_to_stop(run.after(5s), {}));
  // Nor is it known yet how fast what only failed is.
  run.failed("GET\ta\t/late", metrics::ErrorKind::refused);
  const metrics::RunData& data = run.after(1s);
  EXPECT_FALSE(goals.reason_to_stop(data, {}));
  EXPECT_TRUE(any_crossed(goals.judge_all(data, {})));
}

TEST(ObjectivesTest, WithoutAGraceNothingStops) {
  metrics::CountedRun run;
  const std::vector<std::string> texts = {"errors == 0"};
  Objectives goals = Objectives::parse(texts, {}).value();
  run.failed("GET\ta\t/", metrics::ErrorKind::refused);
  EXPECT_FALSE(goals.reason_to_stop(run.after(100s), {}));
}

TEST(ObjectivesTest, NoneIsNoneCrossed) {
  EXPECT_FALSE(any_crossed(Objectives().judge_all({}, {})));
}

}  // namespace
}  // namespace molotov::report
