#include "redbud/kernels/dropout.h"

#include <limits>

#include "redbud/kernels/ref/mask.h"
#include "redbud/kernels/ref/pointwise_kernels.h"

namespace redbud::kernels::ref {
namespace {

void run_mask(const DropoutMaskProblem& p, const DropoutMaskArgs& a, ThreadPool&) {
  const int64_t blocks = dropout_blocks(p.features);
  const int64_t end = p.first_row + p.rows;
  RB_ASSERT(end * blocks <= std::numeric_limits<uint32_t>::max());
  for (int64_t n = p.first_row; n < end; ++n) {
    for (int64_t b = 0; b < blocks; ++b) {
      const auto words = a.key.block(static_cast<uint32_t>(n * blocks + b));
      unsigned bits = 0;
      for (unsigned i = 0; i < 8 && b * 8 + i < p.features; ++i) {
        const uint32_t half = (words[i / 2] >> (16 * (i % 2))) & 0xFFFFu;
        if (half >= p.threshold) bits |= 1u << i;
      }
      a.mask[n * blocks + b] = static_cast<uint8_t>(bits);
    }
  }
}

template <class T>
void apply(const DropoutApplyProblem& p, const DropoutApplyArgs& a) {
  for (int64_t n = 0; n < p.rows; ++n) {
    const T* x = a.x.row<T>(n);
    T* y = a.y.row<T>(n);
    for (int64_t k = 0; k < p.features; ++k) {
      y[k] = is_kept(a.mask, p.features, n, k) ? static_cast<T>(x[k] * p.scale + p.shift) : static_cast<T>(p.dropped);
    }
  }
}

void run_apply(const DropoutApplyProblem& p, const DropoutApplyArgs& a, ThreadPool&) {
  with_scalar(p.type, [&]<class T>() { apply<T>(p, a); });
}

}  // namespace

const Kernel<DropoutMaskProblem, DropoutMaskArgs> dropout_mask{"ref", everything, run_mask};
const Kernel<DropoutApplyProblem, DropoutApplyArgs> dropout_apply{"ref", everything, run_apply};

}  // namespace redbud::kernels::ref
