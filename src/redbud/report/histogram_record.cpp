#include "redbud/report/outcome_parts.h"
#include "redbud/report/weight_histogram.h"

namespace redbud {
namespace {

constexpr size_t kCells = 40;

}  // namespace

void set_histogram(ConfigValue& record, std::span<const float> values) {
  const Histogram h = histogram_of(values, kCells);
  ConfigValue::List counts;
  for (const int64_t count : h.counts) counts.emplace_back(count);
  record.set("low", h.low);
  record.set("high", h.high);
  record.set("counts", std::move(counts));
  record.set("mean", h.mean());
  record.set("deviation", h.deviation());
}

}  // namespace redbud
