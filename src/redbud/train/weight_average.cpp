#include "redbud/train/weight_average.h"

#include <algorithm>
#include <cmath>

namespace redbud {
namespace {

constexpr int64_t kPiece = 16'384;  // floats: enough to be worth a thread's while

}  // namespace

WeightAverage::WeightAverage(double decay, const ParameterStore& values)
    : decay_(decay), memory_(decay > 0.0 ? values.parameter_memory().bytes() : 0) {}

void WeightAverage::follow(const ParameterStore& values, int64_t steps, ThreadPool& pool) {
  if (!is_on() || steps % kEvery != 0) return;
  const auto updates = static_cast<double>(steps / kEvery - 1);  // before this one
  const double young = updates == 0.0 ? 1.0 : 9.0 / (10.0 + updates);
  const auto weight = static_cast<float>(std::max(1.0 - std::pow(decay_, kEvery), young));
  const float* const from = values.parameter_memory().as<float>().data();
  const std::span<float> to = memory_.as<float>();
  pool.for_ranges(static_cast<int64_t>(to.size()), kPiece, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) to[static_cast<size_t>(i)] += weight * (from[i] - to[static_cast<size_t>(i)]);
  });
}

void WeightAverage::exchange(ParameterStore& values, ThreadPool& pool) {
  float* const weights = values.parameter_memory().as<float>().data();
  float* const average = memory_.as<float>().data();
  pool.for_ranges(values.parameters().size(), kPiece, [&](int64_t begin, int64_t end) {
    std::swap_ranges(weights + begin, weights + end, average + begin);
  });
}

}  // namespace redbud
