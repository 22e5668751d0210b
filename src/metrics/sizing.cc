#include "metrics/sizing.h"

namespace molotov::metrics {

namespace {

constexpr Duration kWindow = 60s;
constexpr Duration kSampleEvery = 1s;
constexpr uint64_t kRunsLeast = 100;

}  // namespace

double Outcomes::error_ratio() const {
  if (runs() == 0) return 0;
  return 100.0 * static_cast<double>(failed) / static_cast<double>(runs());
}

Sizing::Sizing(double tolerance, Instant began)
    : tolerance_(tolerance), samples_{{began, {}}} {}

bool Sizing::observe(Instant now, const Totals& totals) {
  if (verdict_.reached) return true;
  const Outcomes all{totals.runs_succeeded, totals.runs_failed};
  while (samples_.size() > 1 && now - samples_[1].at >= kWindow)
    samples_.pop_front();
  const Outcomes& before = samples_.front().outcomes;
  verdict_.last_minute = {all.succeeded - before.succeeded,
                          all.failed - before.failed};
  verdict_.error_ratio = verdict_.last_minute.error_ratio();
  verdict_.workers = totals.workers_started;
  verdict_.reached = verdict_.last_minute.runs() >= kRunsLeast &&
                     verdict_.error_ratio > tolerance_;
  if (now - samples_.back().at >= kSampleEvery) samples_.push_back({now, all});
  return verdict_.reached;
}

}  // namespace molotov::metrics
