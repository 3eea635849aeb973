#include "redbud/train/weight_average.h"

#include <algorithm>
#include <cmath>

namespace redbud {
namespace {

constexpr int64_t kPiece = 16'384;  // floats: enough to be worth a thread's while

}  // namespace

WeightAverage::WeightAverage(const WeightAverageConfig& config, const RunLength& length, const ParameterStore& values)
    : config_(config), memory_(is_on() ? values.parameter_memory().bytes() : 0) {
  if (config.kind != WeightAverageConfig::Kind::Swa) return;
  start_ = static_cast<int64_t>(config.start * static_cast<double>(length.epochs * length.steps_per_epoch));
  if (config.each_epoch) every_ = length.steps_per_epoch;
}

void WeightAverage::follow(const ParameterStore& values, int64_t steps, ThreadPool& pool) {
  if (!is_there(steps) || steps % every_ != 0) return;
  const auto before = static_cast<double>(updates(steps) - 1);
  const double young = before == 0.0 ? 1.0 : 9.0 / (10.0 + before);
  const bool is_swa = config_.kind == WeightAverageConfig::Kind::Swa;
  const auto weight =
      static_cast<float>(is_swa ? 1.0 / (1.0 + before) : std::max(1.0 - std::pow(config_.decay, kEvery), young));
  const float* const from = values.parameter_memory().as<float>().data();
  const std::span<float> to = memory_.as<float>();
  pool.for_ranges(static_cast<int64_t>(to.size()), kPiece, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) to[static_cast<size_t>(i)] += weight * (from[i] - to[static_cast<size_t>(i)]);
  });
}

void exchange_weights(ParameterStore& values, AlignedBuffer& others, ThreadPool& pool) {
  float* const weights = values.parameter_memory().as<float>().data();
  float* const other = others.as<float>().data();
  pool.for_ranges(values.parameters().size(), kPiece,
                  [&](int64_t begin, int64_t end) { std::swap_ranges(weights + begin, weights + end, other + begin); });
}

}  // namespace redbud
