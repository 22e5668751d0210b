// A threshold's text: what is read is written back as a text that is read the
// same; what is refused is refused in one line, at a place within the text.
#include <algorithm>
#include <cmath>

#include "base/check.h"
#include "metrics/threshold.h"

namespace molotov::metrics {
namespace {

void check_failed(std::string_view text, const ThresholdError& error) {
  CHECK(!error.message.empty() && error.offset <= text.size());
  const std::string shown = point_at(text, error);
  CHECK(shown.ends_with('^'));
  CHECK(std::ranges::count(shown, '\n') ==
        2 + std::ranges::count(error.message, '\n'));
}

void run(std::string_view text) {
  const auto threshold = parse_threshold(text);
  if (!threshold) return check_failed(text, threshold.error());
  CHECK(std::isfinite(threshold->value));
  CHECK(threshold->name.empty() ==
        (threshold->subject == Threshold::Subject::all));
  CHECK((threshold->percentile > 0) ==
        (threshold->metric == Threshold::Metric::percentile));
  CHECK(threshold->unit != Threshold::Unit::share ||
        (threshold->value >= 0 && threshold->value <= 1));
  CHECK(threshold->unit != Threshold::Unit::count ||
        (threshold->value >= 0 &&
         threshold->value == std::trunc(threshold->value)));

  const std::string written = to_string(*threshold);
  const auto again = parse_threshold(written);
  CHECK(again && *again == *threshold);
  CHECK(to_string(*again) == written);
}

}  // namespace
}  // namespace molotov::metrics

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  molotov::metrics::run({reinterpret_cast<const char*>(data), size});
  return 0;
}
