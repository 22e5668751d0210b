// What a run is to reach: its thresholds, judged at the end, and during it
// where it is to stop as soon as one is crossed.
#pragma once

#include <expected>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "report/judgement.h"

namespace molotov::report {

class Objectives {
 public:
  // `abort_after`: the grace after which a crossed one is to end the run; none:
  // nothing does.
  explicit Objectives(std::vector<metrics::Threshold> thresholds = {},
                      std::optional<Duration> abort_after = {});
  // Of texts. Fails with what is wrong of the first that is none, in lines.
  static std::expected<Objectives, std::string> parse(
      std::span<const std::string> texts, std::optional<double> abort_after);

  // To be called whenever there may be new data. A line that says why, once,
  // where the run is to stop. What was never seen may still come.
  std::optional<std::string> reason_to_stop(const metrics::RunData& data,
                                            const metrics::Totals& totals);

  // Of a run that is over.
  std::vector<Judgement> judge_all(const metrics::RunData& data,
                                   const metrics::Totals& totals) const;

 private:
  std::vector<metrics::Threshold> thresholds_;
  std::optional<Duration> abort_after_;
  Duration looked_at_{0};  // so much of the run
};

}  // namespace molotov::report
