#include "redbud/kernels/ref/normal_noise.h"

#include <limits>

#include "redbud/kernels/ref/pointwise_kernels.h"

namespace redbud::kernels::ref {
namespace {

template <class T>
void fill(const NormalNoiseProblem& p, const NormalNoiseArgs& a) {
  const int64_t blocks = normal_noise_blocks(p.features);
  for (int64_t n = 0; n < p.rows; ++n) {
    for (int64_t k = 0; k < p.features; ++k) {
      const auto words = a.key.block(static_cast<uint32_t>(n * blocks + k / 4));
      a.y.row<T>(n)[k] = static_cast<T>(p.mean + p.sigma * normal_of_words(words, k % 4));
    }
  }
}

void run(const NormalNoiseProblem& p, const NormalNoiseArgs& a, ThreadPool&) {
  RB_ASSERT(p.rows * normal_noise_blocks(p.features) <= std::numeric_limits<uint32_t>::max());
  with_scalar(p.type, [&]<class T>() { fill<T>(p, a); });
}

}  // namespace

const Kernel<NormalNoiseProblem, NormalNoiseArgs> normal_noise{"ref", everything, run};

}  // namespace redbud::kernels::ref
