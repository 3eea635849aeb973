#include "redbud/kernels/activation.h"

#include <algorithm>

#include "redbud/kernels/cpu/activation_rows.h"
#include "redbud/kernels/cpu/pointwise_kernels.h"

namespace redbud::kernels::cpu {
namespace {

constexpr int64_t kGrain = 16 * 1024;  // elements a piece: 2 us of elu, more than it costs to wake a thread

int64_t rows_a_piece(int64_t features) { return std::max<int64_t>(1, kGrain / std::max<int64_t>(1, features)); }

void run_forward(const ActivationForwardProblem& p, const ActivationForwardArgs& a, ThreadPool& pool) {
  const ActivationMap map = activation_map();
  if (a.z.stride == p.features && a.y.stride == p.features) {
    pool.for_ranges(p.rows * p.features, kGrain, [&](int64_t begin, int64_t end) {
      map(p.activation, a.z.row<float>(0) + begin, a.y.row<float>(0) + begin, end - begin);
    });
    return;
  }
  pool.for_ranges(p.rows, rows_a_piece(p.features), [&](int64_t begin, int64_t end) {
    for (int64_t n = begin; n < end; ++n) map(p.activation, a.z.row<float>(n), a.y.row<float>(n), p.features);
  });
}

void run_slopes(const ActivationForwardProblem& p, const ActivationSlopesArgs& a, ThreadPool& pool) {
  const ActivationSlopesMap map = activation_slopes_map();
  pool.for_ranges(p.rows, rows_a_piece(p.features), [&](int64_t begin, int64_t end) {
    for (int64_t n = begin; n < end; ++n) {
      map(p.activation, a.z.row<float>(n), a.y.row<float>(n), a.slope.row<float>(n), p.features);
    }
  });
}

void run_backward(const ActivationBackwardProblem& p, const ActivationBackwardArgs& a, ThreadPool& pool) {
  const ActivationGradientMap map = activation_gradient_map();
  pool.for_ranges(p.rows, rows_a_piece(p.features), [&](int64_t begin, int64_t end) {
    for (int64_t n = begin; n < end; ++n) {
      map(p.activation, a.at.row<float>(n), a.dy.row<float>(n), a.dz.row<float>(n), p.features);
    }
  });
}

}  // namespace

const Kernel<ActivationForwardProblem, ActivationForwardArgs> activation_forward{"cpu:simd", float_only, run_forward};
const Kernel<ActivationForwardProblem, ActivationSlopesArgs> activation_slopes{"cpu:simd", float_only, run_slopes};
const Kernel<ActivationBackwardProblem, ActivationBackwardArgs> activation_backward{"cpu:simd", float_only,
                                                                                    run_backward};

}  // namespace redbud::kernels::cpu
