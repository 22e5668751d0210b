// What each metric of each subject is found to be, when it is crossed, and the
// line that says so.
#include "report/judgement.h"

#include <gtest/gtest.h>

#include "metrics/testing.h"

namespace molotov::report {
namespace {

using metrics::ErrorKind;
using metrics::Figure;
using metrics::Measure;
using metrics::SeriesKind;

class JudgementTest : public testing::Test {
 protected:
  void users_and_root() {
    run_.answered("GET\ta\t/users/{}", 200, 90, 20ms);
    run_.answered("GET\ta\t/users/{}", 404, 6, 40ms);
    run_.failed("GET\ta\t/users/{}", ErrorKind::timeout, 4);
    run_.answered("GET\ta\t/", 200, 900, 2ms);
  }
  // What succeeds and fails, and takes so long each time.
  void part(SeriesKind kind, std::string_view name, uint64_t succeeded,
            uint64_t failed, Duration took) {
    metrics::SeriesRow& row = run_.row(kind, name);
    row.add(Figure::succeeded, succeeded);
    row.add(Figure::failed, failed);
    row.add(Figure::cancelled, 1000);  // neither
    for (uint64_t i = 0; i < succeeded + failed; i++)
      row.record(Measure::duration, took);
  }

  Judgement judged(std::string_view text) {
    const auto threshold = metrics::parse_threshold(text);
    EXPECT_TRUE(threshold) << text;
    return judge(*threshold, data(), totals_);
  }
  std::string line(std::string_view text) {
    return judgement_line(judged(text));
  }
  void expect_lines(
      std::initializer_list<std::pair<const char*, const char*>> rows) {
    for (const auto& [text, said] : rows)
      EXPECT_EQ(line(text), fmt_line(text, said));
  }
  const metrics::RunData& data() {
    if (!data_) data_ = &run_.after(10s);
    return *data_;
  }

  metrics::CountedRun run_;
  metrics::Totals totals_;

 private:
  // "+ found 1ms" passed, "- found 1ms" crossed.
  static std::string fmt_line(std::string_view text, std::string_view said) {
    return std::string("threshold ") +
           (said[0] == '+' ? "passed: " : "crossed: ") + std::string(text) +
           " (" + std::string(said.substr(2)) + ")";
  }

  const metrics::RunData* data_ = nullptr;
};

TEST_F(JudgementTest, OfRequests) {
  users_and_root();
  expect_lines({
      {"p50 < 5ms", "+ found 2ms"},
      {"p99 < 10ms", "- found 20ms, with only 9 beyond"},
      {"max <= 40ms", "+ found 40ms"},
      {"server max < 20ms", "- found 20ms"},
      {"mean < 1s", "+ found 3.86ms"},
      {"errors < 5", "+ found 4"},
      {"errors == 0", "- found 4"},
      {"errors < 0.3%", "- found 0.4%"},
      {"http_errors <= 6", "+ found 6"},
      {"http_errors < 0.5%", "- found 0.6%"},
      {"requests_rate > 99/s", "+ found 100/s"},
  });
}

TEST_F(JudgementTest, OfAnEndpoint) {
  users_and_root();
  expect_lines({
      {R"("GET /users/{}" server p50 < 11ms)", "+ found 10ms"},
      {R"("GET a/users/{}" errors == 4%)", "+ found 4%"},
      {R"("GET /users/{}" requests_rate >= 10/s)", "+ found 10/s"},
      {R"("GET /" http_errors == 0)", "+ found 0"},
      {R"("GET /user" errors == 0)", "- never seen"},
      {R"("GET b/users/{}" errors == 0)", "- never seen"},
  });
}

// Named without a host it is all of that name.
TEST_F(JudgementTest, OfSeveralHosts) {
  run_.answered("GET\ta\t/", 200, 1, 2ms);
  run_.answered("GET\tb\t/", 200, 2, 2ms);
  run_.answered("front page", 200, 4, 2ms);
  expect_lines({
      {R"("GET /" requests_rate == 0.3/s)", "+ found 0.3/s"},
      {R"("GET b/" requests_rate == 0.2/s)", "+ found 0.2/s"},
      {R"("front page" requests_rate == 0.4/s)", "+ found 0.4/s"},
  });
}

TEST_F(JudgementTest, OfRuns) {
  totals_.runs_succeeded = 97;
  totals_.runs_failed = 3;
  totals_.runs_cancelled = 50;
  part(SeriesKind::scenario, "buy", 30, 10, 1500ms);
  expect_lines({
      {"failures <= 3%", "+ found 3%"},
      {"failures < 3", "- found 3"},
      {"runs_rate >= 10/s", "+ found 10/s"},
      {R"(scenario:"buy" failures < 20%)", "- found 25%"},
      {R"(scenario:"buy" failures == 10)", "+ found 10"},
      {R"(scenario:"buy" runs_rate > 5/s)", "- found 4/s"},
      {R"(scenario:"buy" p50 < 2s)", "+ found 1.5s"},
      {R"(scenario:"sell" failures == 0)", "- never seen"},
      // A step of that name is another thing.
      {R"(step:"buy" failures == 0)", "- never seen"},
  });
}

TEST_F(JudgementTest, OfWhatAScriptHasOfItsOwn) {
  part(SeriesKind::step, "log in", 99, 1, 20ms);
  run_.row(SeriesKind::check, "full").add(Figure::succeeded, 200);
  metrics::SeriesRow& basket = run_.row(SeriesKind::value, "basket");
  for (int i = 0; i < 100; i++) basket.record_value(12.5);
  expect_lines({
      {R"(step:"log in" failures <= 1%)", "+ found 1%"},
      {R"(step:"log in" max < 10ms)", "- found 20ms"},
      {R"(check:"full" failures == 0)", "+ found 0"},
      {R"(check:"full" failures < 1%)", "+ found 0%"},
      {R"(metric:"basket" mean > 12)", "+ found 12.5"},
      {R"(metric:"basket" p99 < 3)", "- found 12.5"},
      {R"(metric:"other" max < 3)", "- never seen"},
  });
}

TEST_F(JudgementTest, NothingIsNotGood) {
  run_.failed("GET\ta\t/down", ErrorKind::refused, 7);
  run_.row(SeriesKind::check, "cancelled").add(Figure::cancelled);
  expect_lines({
      {R"("GET /down" p99 < 1s)", "- nothing was measured"},
      {R"("GET /down" errors < 100%)", "- found 100%"},
      {R"(check:"cancelled" failures == 0)", "- nothing was measured"},
      {"failures == 0", "- no run was seen"},
      {"runs_rate > 1/s", "- no run was seen"},
  });
  EXPECT_EQ(
      judgement_line(judge(*metrics::parse_threshold("errors == 0"), {}, {})),
      "threshold crossed: errors == 0 (no request was seen)");
}

// 250.4 ms are not below 250 ms, though to three digits they are the same.
TEST_F(JudgementTest, ShowsOnWhichSideItIs) {
  run_.answered("GET\ta\t/", 200, 1, 250'040us);
  run_.answered("GET\ta\t/2", 200, 999'999, 1us);
  run_.failed("GET\ta\t/2", ErrorKind::reset, 1);
  expect_lines({
      {"max < 250ms", "- found 250.04ms"},
      {"max < 300ms", "+ found 250ms"},
      {"max > 250ms", "+ found 250.04ms"},
      {"errors == 0%", "- found 0.0001%"},
      {"requests_rate < 100000.1/s", "- found 100000.1/s"},
      {R"("GET /2" requests_rate == 100000/s)", "+ found 100000/s"},
  });
}

TEST_F(JudgementTest, FewSamplesBeyondAPercentileAreMarked) {
  run_.answered("GET\ta\t/", 200, 990, 2ms);
  run_.answered("GET\ta\t/", 200, 10, 30ms);
  const auto facts = [this](std::string_view text) {
    return *judged(text).percentile;
  };
  EXPECT_EQ(facts("p99 < 1s").samples, 1000u);
  EXPECT_EQ(facts("p99 < 1s").beyond, 10u);
  EXPECT_FALSE(facts("p99 < 1s").few_beyond());
  EXPECT_EQ(facts("p99.9 < 1s").beyond, 1u);
  EXPECT_TRUE(facts("p99.9 < 1s").few_beyond());
  EXPECT_EQ(facts("p0.5 < 1s").beyond, 4u);  // on its other side
  EXPECT_EQ(facts("p50 < 1s").beyond, 499u);
  // Ranks 983 to 997 of 1,000.
  EXPECT_NEAR(duration_to_seconds(*facts("p99 < 1s").confidence.low), 0.002,
              0.00001);
  EXPECT_NEAR(duration_to_seconds(*facts("p99 < 1s").confidence.high), 0.030,
              0.00015);
  EXPECT_FALSE(facts("p99.9 < 1s").confidence.high);
  EXPECT_FALSE(judged("mean < 1s").percentile);
}

}  // namespace
}  // namespace molotov::report
