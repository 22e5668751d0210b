// What a report says, and where it cannot be written.
#include "report/json.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "metrics/testing.h"

namespace molotov::report {
namespace {

using nlohmann::json;

// A folder that is gone with the test.
class JsonTest : public testing::Test {
 protected:
  JsonTest() {
    std::string name = testing::TempDir() + "json.XXXXXX";
    folder_ = mkdtemp(name.data());
  }
  ~JsonTest() override { std::filesystem::remove_all(folder_); }

  json written(const metrics::RunData& data) {
    const std::string path = folder_ / "report.json";
    const auto done =
        write_json_report(path, facts_of(run_.board(), data), data);
    EXPECT_TRUE(done) << done.error().detail;
    return json::parse(std::ifstream(path));
  }

  std::filesystem::path folder_;
  metrics::CountedRun run_;
};

TEST_F(JsonTest, NothingHappened) {
  const json report = written({});
  EXPECT_EQ(report["schema_version"], 1);
  EXPECT_EQ(report["all_requests"]["requests"], 0);
  EXPECT_EQ(report["all_requests"]["response_time_seconds"],
            json({{"count", 0}}));
  for (const char* each : {"thresholds", "endpoints", "scenarios", "steps",
                           "checks", "counters", "values"})
    EXPECT_EQ(report[each], json::array()) << each;
}

TEST_F(JsonTest, AnEndpoint) {
  run_.answered("GET\ta:81\t/users/{}", 200, 99, 2ms);
  run_.answered("GET\ta:81\t/users/{}", 503, 1, 400ms);
  run_.failed("GET\ta:81\t/users/{}", metrics::ErrorKind::timeout);
  run_.board().part(0).runs_succeeded.add(7);
  const json report = written(run_.after(10s));
  EXPECT_EQ(report["run"]["duration_seconds"], 10.0);
  EXPECT_EQ(report["run"]["runs_succeeded"], 7);
  ASSERT_EQ(report["endpoints"].size(), 1u);
  const json& endpoint = report["endpoints"][0];
  EXPECT_EQ(endpoint["name"], "GET /users/{}");
  EXPECT_EQ(endpoint["http.request.method"], "GET");
  EXPECT_EQ(endpoint["server.address"], "a:81");
  EXPECT_EQ(endpoint["url.template"], "/users/{}");
  EXPECT_EQ(endpoint["requests"], 101);
  EXPECT_EQ(endpoint["requests_per_second"], 10.1);
  EXPECT_EQ(endpoint["errors_by_kind"], json({{"timeout", 1}}));
  EXPECT_EQ(endpoint["statuses"], json({{"200", 99}, {"503", 1}}));
  EXPECT_EQ(endpoint["http_errors"], 1);
  const json& response = endpoint["response_time_seconds"];
  EXPECT_EQ(response["count"], 100);
  EXPECT_EQ(response["min"], 0.002);
  EXPECT_EQ(response["max"], 0.4);
  EXPECT_NEAR(response["p50"].get<double>(), 0.002, 0.002 * 0.004);
  EXPECT_EQ(response["p99.9"], 0.4);
  EXPECT_EQ(report["timeline"][0]["requests"], 101);
}

TEST_F(JsonTest, TheScriptsOwnFigures) {
  using metrics::Figure;
  using metrics::SeriesKind;
  run_.timed(SeriesKind::scenario, "buy", 3, 2s);
  run_.row(SeriesKind::scenario, "buy").add(Figure::cancelled);
  run_.timed(SeriesKind::step, "login", 2, 500ms);
  run_.row(SeriesKind::step, "login").add(Figure::failed);
  run_.row(SeriesKind::check, "full").add(Figure::succeeded, 4);
  run_.row(SeriesKind::counter, "orders").add(Figure::amount, 7);
  run_.row(SeriesKind::value, "basket", "EUR").record_value(12.5);
  const json report = written(run_.after(1s));
  const json& buy = report["scenarios"][0];
  EXPECT_EQ(buy["name"], "buy");
  EXPECT_EQ(buy["runs"], 3);
  EXPECT_EQ(buy["failures"], 0);
  EXPECT_EQ(buy["cancelled"], 1);
  EXPECT_EQ(buy["duration_seconds"]["max"], 2.0);
  EXPECT_EQ(report["steps"][0]["count"], 3);
  EXPECT_EQ(report["steps"][0]["failures"], 1);
  EXPECT_EQ(report["checks"],
            json({{{"name", "full"}, {"passed", 4}, {"failed", 0}}}));
  EXPECT_EQ(report["counters"], json({{{"name", "orders"}, {"count", 7}}}));
  const json& basket = report["values"][0];
  EXPECT_EQ(basket["unit"], "EUR");
  EXPECT_EQ(basket["sum"], 12.5);
  EXPECT_EQ(basket["p50"], 12.5);
  EXPECT_EQ(report["all_requests"]["requests"], 0);
}

TEST_F(JsonTest, Thresholds) {
  run_.answered("GET\ta\t/", 200, 990, 2ms);
  run_.answered("GET\ta\t/", 200, 10, 30ms);
  const metrics::RunData& data = run_.after(10s);
  RunFacts facts = facts_of(run_.board(), data);
  for (const char* text :
       {"max < 20ms", "p99 < 1s", "p99.9 < 1s", "errors < 1%", "errors == 0",
        "requests_rate > 1/s", R"(step:"a" p50 < 1s)"})
    facts.judgements.push_back(
        judge(*metrics::parse_threshold(text), data, facts.totals));
  const json found = json::parse(json_report(facts, data))["thresholds"];
  EXPECT_EQ(found[0], json({{"threshold", "max < 20ms"},
                            {"crossed", true},
                            {"figure", "measured"},
                            {"found_seconds", 0.03}}));
  EXPECT_EQ(found[1]["samples"], 1000);
  EXPECT_EQ(found[1]["samples_beyond"], 10);
  EXPECT_EQ(found[1]["few_samples_beyond"], false);
  const json& interval = found[1]["confidence_interval_seconds"];
  EXPECT_EQ(interval["level"], 0.95);
  EXPECT_NEAR(interval["low"].get<double>(), 0.002, 0.00001);
  EXPECT_NEAR(interval["high"].get<double>(), 0.03, 0.00015);
  EXPECT_EQ(found[2]["few_samples_beyond"], true);
  EXPECT_EQ(found[2]["confidence_interval_seconds"]["high"], nullptr);
  EXPECT_EQ(found[3]["found_share"], 0);
  EXPECT_EQ(found[4]["found_count"], 0);
  EXPECT_EQ(found[5]["found_per_second"], 100);
  EXPECT_EQ(found[6], json({{"threshold", R"(step:"a" p50 < 1s)"},
                            {"crossed", true},
                            {"figure", "subject never seen"}}));
}

TEST_F(JsonTest, NamesMayBeAnything) {
  run_.answered("\xff\"\n", 200, 1, 1ms);
  EXPECT_EQ(written(run_.after(1s))["endpoints"][0]["name"], "\ufffd\"\n");
}

TEST_F(JsonTest, WhatIsThereStaysUntilTheNewOneIsWhole) {
  const std::string path = folder_ / "report.json";
  std::ofstream(path) << "old";
  written(run_.after(1s));
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder_), {}), 1);
}

TEST_F(JsonTest, PathsThatCannotBeWritten) {
  const std::string missing = folder_ / "missing" / "report.json";
  for (const std::string& path : {missing, folder_.string()}) {
    const auto checked = check_report_path(path);
    ASSERT_FALSE(checked);
    EXPECT_TRUE(checked.error().detail.starts_with("cannot write '" + path))
        << checked.error().detail;
    EXPECT_FALSE(write_json_report(path, {}, {}));
  }
  EXPECT_TRUE(check_report_path(folder_ / "new.json"));
  EXPECT_TRUE(check_report_path("/dev/null"));
}

TEST_F(JsonTest, AFullDiskIsSaid) {
  const auto done = write_json_report("/dev/full", {}, {});
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().detail,
            "cannot write '/dev/full': No space left on device");
}

}  // namespace
}  // namespace molotov::report
