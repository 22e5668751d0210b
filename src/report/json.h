// The report of a run as JSON: docs/report.schema.json says what is in it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "metrics/board.h"
#include "metrics/run_data.h"
#include "report/judgement.h"

namespace molotov::report {

// What a report tells of a run beside its data.
struct RunFacts {
  WallInstant began{};
  size_t processes = 1;
  metrics::Totals totals;
  std::vector<Judgement> judgements = {};
};

RunFacts facts_of(metrics::Board& board, const metrics::RunData& data,
                  std::vector<Judgement> judgements = {});

// Indented, with a line end at its end.
std::string json_report(const RunFacts& run, const metrics::RunData& data);

// Fails, with a detail that names the path, where a report could not be written
// to `path`.
Result<> check_report_path(const std::string& path);

// Writes it to `path`: whole, in the place of what was there, where that is a
// file, or into what is no file. Fails as check_report_path().
Result<> write_json_report(const std::string& path, const RunFacts& run,
                           const metrics::RunData& data);

}  // namespace molotov::report
