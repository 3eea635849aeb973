#include "redbud/optim/schedule_free.h"

#include <algorithm>

namespace redbud {
namespace {

constexpr int64_t kPiece = 16'384;  // floats: enough to be worth a thread's while

}  // namespace

double ScheduleFreeSum::share(double learning_rate) {
  greatest_rate = std::max(greatest_rate, learning_rate);
  const double weight = greatest_rate * greatest_rate;
  sum += weight;
  return sum > 0.0 ? weight / sum : 0.0;
}

void write_schedule_free(std::span<const ParameterRun> runs, double beta1, const AlignedBuffer& z, AlignedBuffer& y,
                         ThreadPool& pool) {
  const auto back = static_cast<float>(1.0 - 1.0 / beta1);
  for (const ParameterRun& run : runs) {
    const float* const from = z.as<float>().data() + run.begin;
    float* const to = y.as<float>().data() + run.begin;
    pool.for_ranges(run.size, kPiece, [=](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) to[i] += back * (from[i] - to[i]);
    });
  }
}

}  // namespace redbud
