// A comparison an output: plain loops are as fast as the memory; the rows are what is shared out.
#include <algorithm>

#include "redbud/kernels/cpu/loss_rows.h"
#include "redbud/kernels/cpu/pointwise_kernels.h"

namespace redbud::kernels::cpu {
namespace {

/// The class that comes closest to the target's, or above it; and a NaN where a score is not finite.
struct Rival {
  int64_t output = 0;
  double nothing_or_nan = 0.0;

  Rival(const float* s, int64_t outputs, int64_t target) : output(target == 0 && outputs > 1 ? 1 : 0) {
    float sum = 0.0F;
    for (int64_t k = 0; k < outputs; ++k) {
      if (k != target && s[k] > s[output]) output = k;
      sum += s[k] - s[k];
    }
    nothing_or_nan = static_cast<double>(sum);
  }
};

double hinge_rows(const LossProblem& p, const LossArgs& a, const RowRange& rows) {
  double loss = 0.0;
  for (int64_t n = rows.begin; n < rows.end; ++n) {
    const float* s = a.scores.row<float>(n);
    const int64_t target = *a.target.row<int32_t>(n);
    const double share = row_share(p, a, rows.inverse_sum, n);
    const Rival rival(s, p.outputs, target);
    const double excess =
        rival.output == target ? 0.0 : 1.0 + (static_cast<double>(s[rival.output]) - static_cast<double>(s[target]));
    loss += share * (std::max(0.0, excess) + rival.nothing_or_nan);
    if (!p.gradient) continue;
    float* ds = a.dscores.row<float>(n);
    std::fill_n(ds, p.outputs, 0.0F);
    if (!(excess > 0.0)) continue;
    ds[rival.output] = static_cast<float>(share);
    ds[target] = static_cast<float>(-share);
  }
  return loss;
}

void run(const LossProblem& p, const LossArgs& a, ThreadPool& pool) { run_loss_rows(hinge_rows, p, a, pool); }

}  // namespace

const LossKernel hinge{"cpu:rows", float_only, run};

}  // namespace redbud::kernels::cpu
