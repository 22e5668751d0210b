#include "report/json.h"

#include <fcntl.h>
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "base/fd.h"
#include "base/write.h"
#include "report/endpoints.h"
#include "report/figures.h"
#include "report/judgement_json.h"
#include "report/names.h"

namespace molotov::report {

using metrics::Figure;
using metrics::Histogram;
using metrics::Measure;
using metrics::Series;
using metrics::SeriesKey;
using metrics::SeriesKind;
using Json = nlohmann::ordered_json;

namespace {

constexpr int kSchemaVersion = 1;

struct Percentile {
  const char* name;
  double fraction;
};
constexpr Percentile kPercentiles[] = {{"p50", 0.5},  {"p75", 0.75},
                                       {"p90", 0.9},  {"p95", 0.95},
                                       {"p99", 0.99}, {"p99.9", 0.999}};

struct MeasureName {
  Measure measure;
  const char* name;
};
constexpr MeasureName kEndpointMeasures[] = {
    {Measure::response, "response_time_seconds"},
    {Measure::server, "server_time_seconds"},
    {Measure::ttfb, "time_to_first_byte_seconds"},
    {Measure::generator_lag, "generator_lag_seconds"},
    {Measure::dns, "dns_seconds"},
    {Measure::connect, "connect_seconds"},
    {Measure::tls, "tls_seconds"},
    {Measure::error, "error_time_seconds"},
};

double seconds(Duration span) {
  return duration_to_seconds(span);
}

Json distribution(const Histogram& histogram) {
  Json found = {{"count", histogram.count()}};
  if (histogram.empty()) return found;
  found["mean"] = seconds(histogram.mean());
  found["min"] = seconds(histogram.min());
  for (const Percentile& percentile : kPercentiles)
    found[percentile.name] = seconds(histogram.quantile(percentile.fraction));
  found["max"] = seconds(histogram.max());
  return found;
}

Json object_of(const NamedCounts& counts) {
  Json found = Json::object();
  for (const auto& [name, count] : counts) found[name] = count;
  return found;
}

void add_requests(const Series& series, double run_seconds, Json& to) {
  to["requests"] = series.requests();
  to["requests_per_second"] =
      run_seconds > 0 ? static_cast<double>(series.requests()) / run_seconds
                      : 0;
  to["errors"] = series.errors();
  to["errors_by_kind"] = object_of(errors_of(series));
  to["http_errors"] = series.http_errors();
  to["statuses"] = object_of(statuses_of(series));
  to["sent_bytes"] = series.get(Figure::bytes_sent);
  to["received_bytes"] = series.get(Figure::bytes_received);
  to["new_connections"] = series.get(Figure::new_connections);
  to["reused_connections"] = series.get(Figure::reused_connections);
  to["unstamped"] = series.get(Figure::unstamped);
  to["bodies_left"] = series.get(Figure::untimed);
  for (const auto& [measure, name] : kEndpointMeasures)
    to[name] = distribution(series.get(measure));
  to["time_to_first_byte_seconds"]["upper_bounds"] =
      series.get(Figure::ttfb_bounded);
}

Json endpoint(const SeriesKey& key, const Series& series, double run_seconds,
              bool hosts) {
  Json found = {{"name", endpoint_name(key.name, hosts)}};
  const EndpointParts parts = parts_of_endpoint(key.name);
  if (!parts.method.empty()) {
    found["http.request.method"] = parts.method;
    found["server.address"] = parts.host;
    found["url.template"] = parts.path;
  }
  add_requests(series, run_seconds, found);
  return found;
}

Histogram histogram_of(const metrics::BucketCounts& counts) {
  Histogram histogram;
  for (const auto& [bucket, count] : counts) histogram.add(bucket, count);
  if (!counts.empty())
    histogram.add_exact(0, metrics::middle_of(counts.front().bucket),
                        metrics::middle_of(counts.back().bucket));
  return histogram;
}

Json short_distribution(const metrics::BucketCounts& counts) {
  const Histogram histogram = histogram_of(counts);
  Json found = {{"count", histogram.count()}};
  if (histogram.empty()) return found;
  for (const double percent : {50.0, 95.0, 99.0})
    found[fmt::format("p{}", percent)] =
        seconds(histogram.quantile(percent / 100));
  found["max"] = seconds(histogram.max());
  return found;
}

Json timeline(const metrics::RunData& data) {
  Json points = Json::array();
  for (const metrics::TimelinePoint& point : data.timeline())
    points.push_back(
        {{"begin_seconds", seconds(point.from - data.timeline().front().from)},
         {"duration_seconds", seconds(point.to - point.from)},
         {"requests", point.requests},
         {"errors", point.errors},
         {"http_errors", point.http_errors},
         {"response_time_seconds", short_distribution(point.response)},
         {"server_time_seconds", short_distribution(point.server)}});
  return points;
}

// Of scenarios and steps, whose counts have these names.
Json timed(const SeriesKey& key, const Series& series, const char* count) {
  return {{"name", key.name},
          {count, ended(series)},
          {"failures", series.get(Figure::failed)},
          {"cancelled", series.get(Figure::cancelled)},
          {"duration_seconds", distribution(series.get(Measure::duration))}};
}

Json scenario(const SeriesKey& key, const Series& series) {
  return timed(key, series, "runs");
}

Json step(const SeriesKey& key, const Series& series) {
  return timed(key, series, "count");
}

Json check(const SeriesKey& key, const Series& series) {
  return {{"name", key.name},
          {"passed", series.get(Figure::succeeded)},
          {"failed", series.get(Figure::failed)}};
}

Json counter(const SeriesKey& key, const Series& series) {
  return {{"name", key.name}, {"count", series.get(Figure::amount)}};
}

Json value(const SeriesKey& key, const Series& series) {
  const metrics::ValueHistogram& values = series.values;
  Json found = {{"name", key.name},        {"unit", key.unit},
                {"count", values.count()}, {"sum", values.sum()},
                {"mean", values.mean()},   {"min", values.min()}};
  for (const Percentile& percentile : kPercentiles)
    found[percentile.name] = values.quantile(percentile.fraction);
  found["max"] = values.max();
  return found;
}

Json each_of(const metrics::RunData& data, SeriesKind kind,
             Json (&json_of)(const SeriesKey&, const Series&)) {
  Json found = Json::array();
  for (const NamedSeries* each : series_of(data, kind))
    found.push_back(json_of(each->first, each->second));
  return found;
}

// RFC 3339, in UTC.
std::string time_text(WallInstant at) {
  const auto since = at.time_since_epoch();
  const auto whole = std::chrono::floor<std::chrono::seconds>(since);
  return fmt::format(
      "{:%Y-%m-%dT%H:%M:%S}.{:03}Z", fmt::gmtime(whole.count()),
      std::chrono::duration_cast<std::chrono::milliseconds>(since - whole)
          .count());
}

}  // namespace

std::string json_report(const RunFacts& run, const metrics::RunData& data) {
  const double run_seconds = seconds(data.duration());
  const bool hosts = has_several_hosts(data);
  Json all;
  add_requests(data.all_requests(), run_seconds, all);
  Json endpoints = Json::array();
  for (const NamedSeries* each : busiest_endpoints(data))
    endpoints.push_back(
        endpoint(each->first, each->second, run_seconds, hosts));
  const Json report = {
      {"schema_version", kSchemaVersion},
      {"molotov_version", MOLOTOV_VERSION},
      {"run",
       {{"began", time_text(run.began)},
        {"duration_seconds", run_seconds},
        {"processes", run.processes},
        {"workers_started", run.totals.workers_started},
        {"runs_succeeded", run.totals.runs_succeeded},
        {"runs_failed", run.totals.runs_failed},
        {"runs_cancelled", run.totals.runs_cancelled}}},
      {"thresholds", judgements_json(run.judgements)},
      {"all_requests", std::move(all)},
      {"endpoints", std::move(endpoints)},
      {"scenarios", each_of(data, SeriesKind::scenario, scenario)},
      {"steps", each_of(data, SeriesKind::step, step)},
      {"checks", each_of(data, SeriesKind::check, check)},
      {"counters", each_of(data, SeriesKind::counter, counter)},
      {"values", each_of(data, SeriesKind::value, value)},
      {"timeline", timeline(data)},
  };
  // Names may have any bytes.
  return report.dump(2, ' ', false, Json::error_handler_t::replace) + '\n';
}

RunFacts facts_of(metrics::Board& board, const metrics::RunData& data,
                  std::vector<Judgement> judgements) {
  // How long ago it began is the same on both clocks.
  const Instant began = data.timeline().empty() ? MonotonicClock::now()
                                                : data.timeline().front().from;
  return {.began = WallClock::now() - (MonotonicClock::now() - began),
          .processes = board.processes(),
          .totals = metrics::totals(board),
          .judgements = std::move(judgements)};
}

namespace {

std::string writing(const std::string& path) {
  return fmt::format("cannot write '{}'", path);
}

std::unexpected<Error> cannot_write(const std::string& path) {
  return fail_errno(writing(path));
}

}  // namespace

Result<> check_report_path(const std::string& path) {
  struct stat info{};
  const bool exists = stat(path.c_str(), &info) == 0;
  if (exists && S_ISDIR(info.st_mode)) errno = EISDIR;
  if (exists && (S_ISDIR(info.st_mode) || access(path.c_str(), W_OK) != 0))
    return cannot_write(path);
  const auto folder = std::filesystem::path(path).parent_path();
  const std::string where = folder.empty() ? "." : folder.string();
  if (!exists && access(where.c_str(), W_OK) != 0) return cannot_write(path);
  return {};
}

Result<> write_json_report(const std::string& path, const RunFacts& run,
                           const metrics::RunData& data) {
  struct stat info{};
  const bool in_place =
      stat(path.c_str(), &info) == 0 && !S_ISREG(info.st_mode);
  const std::string name = in_place ? path : path + ".unfinished";
  const Fd fd(
      open(name.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666));
  if (!fd) return cannot_write(path);
  const auto written =
      write_all(fd.get(), json_report(run, data), writing(path));
  if (!written) {
    if (!in_place) unlink(name.c_str());
    return written;
  }
  if (!in_place && rename(name.c_str(), path.c_str()) != 0)
    return cannot_write(path);
  return {};
}

}  // namespace molotov::report
