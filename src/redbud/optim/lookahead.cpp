#include "redbud/optim/lookahead.h"

namespace redbud {
namespace {

constexpr int64_t kPiece = 16'384;  // floats: enough to be worth a thread's while

}  // namespace

Lookahead::Lookahead(const OptimizerConfig& config, const SegmentLayout& layout)
    : every_(config.lookahead),
      rate_(config.lookahead_rate),
      slow_(is_on() ? layout.size() * static_cast<int64_t>(sizeof(float)) : 0) {}

void Lookahead::begin(const AlignedBuffer& parameters) {
  if (is_on()) slow_.copy_from(parameters);
}

void Lookahead::follow(AlignedBuffer& parameters, int64_t step, ThreadPool& pool) {
  if (!is_on() || step % every_ != 0) return;
  const auto rate = static_cast<float>(rate_);
  float* const fast = parameters.as<float>().data();
  float* const slow = slow_.as<float>().data();
  pool.for_ranges(static_cast<int64_t>(slow_.as<float>().size()), kPiece, [=](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      slow[i] += rate * (fast[i] - slow[i]);
      fast[i] = slow[i];
    }
  });
}

}  // namespace redbud
