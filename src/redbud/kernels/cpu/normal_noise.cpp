#include "redbud/kernels/cpu/normal_noise.h"

#include <algorithm>
#include <cstring>
#include <limits>

#include "redbud/kernels/cpu/pointwise_kernels.h"
#include "redbud/kernels/cpu/targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "redbud/kernels/cpu/normal_noise.cpp"
#include "hwy/foreach_target.h"  // before all that it includes once for every target

#include "hwy/contrib/math/math-inl.h"
#include "redbud/kernels/cpu/philox-inl.h"

HWY_BEFORE_NAMESPACE();
namespace redbud::kernels::cpu::HWY_NAMESPACE {

#if HWY_TARGET != HWY_SCALAR

using Floats = hn::RebindToFloat<Words>;
using Integers = hn::RebindToSigned<Words>;
using FloatVector = hn::Vec<Floats>;
constexpr int64_t kNumbers = 8 * kCounters;  // of two vectors of counters

/// Two numbers of each pair of words.
HWY_INLINE FloatVector normal_pairs(hn::Vec<Words> words, FloatVector mean, FloatVector sigma) {
  const Floats d;
  const auto odd = hn::Or(hn::ShiftRight<8>(words), hn::Set(Words(), 1u));
  const auto u = hn::Mul(hn::ConvertTo(d, hn::BitCast(Integers(), odd)), hn::Set(d, 0x1p-24f));
  const auto turn = hn::ConvertTo(d, hn::ShiftRight<8>(hn::BitCast(Integers(), words)));
  const auto angle = hn::DupOdd(hn::Mul(turn, hn::Set(d, 3.14159265358979f * 0x1p-23f)));
  const auto radius = hn::DupEven(hn::Sqrt(hn::Mul(hn::Set(d, -2.0f), hn::Log(d, u))));
  const auto wave = hn::OddEven(hn::Sin(d, angle), hn::Cos(d, angle));
  return hn::MulAdd(hn::Mul(sigma, radius), wave, mean);
}

/// The numbers of kCounters consecutive blocks.
HWY_INLINE void store_numbers(const Block& block, FloatVector mean, FloatVector sigma, float* to) {
  const LaneVector words01 = pack(block.word[0], block.word[1]);
  const LaneVector words23 = pack(block.word[2], block.word[3]);
  const auto first = hn::BitCast(Words(), hn::InterleaveLower(Lanes(), words01, words23));
  const auto second = hn::BitCast(Words(), hn::InterleaveUpper(Lanes(), words01, words23));
  hn::StoreU(normal_pairs(first, mean, sigma), Floats(), to);
  hn::StoreU(normal_pairs(second, mean, sigma), Floats(), to + 2 * kCounters);
}

HWY_FLATTEN void noise_rows(const NormalNoiseProblem& p, const NormalNoiseArgs& a, int64_t begin, int64_t end) {
  const Schedule schedule = key_schedule(a.key);
  const Counters counters(a.key);
  const auto mean = hn::Set(Floats(), static_cast<float>(p.mean));
  const auto sigma = hn::Set(Floats(), static_cast<float>(p.sigma));
  for (int64_t n = begin; n < end; ++n) {
    float* y = a.y.row<float>(n);
    int64_t index = n * normal_noise_blocks(p.features);
    for (int64_t k = 0; k < p.features; k += kNumbers, index += 2 * kCounters) {
      float numbers[kNumbers];
      Block blocks[2] = {counters.at(index), counters.at(index + kCounters)};
      philox(blocks, schedule);
      store_numbers(blocks[0], mean, sigma, numbers);
      store_numbers(blocks[1], mean, sigma, numbers + 4 * kCounters);
      std::memcpy(y + k, numbers, sizeof(float) * static_cast<size_t>(std::min(kNumbers, p.features - k)));
    }
  }
}

#else

void noise_rows(const NormalNoiseProblem& p, const NormalNoiseArgs& a, int64_t begin, int64_t end) {
  const int64_t blocks = normal_noise_blocks(p.features);
  for (int64_t n = begin; n < end; ++n) {
    float* y = a.y.row<float>(n);
    for (int64_t k = 0; k < p.features; ++k) {
      const auto words = a.key.block(static_cast<uint32_t>(n * blocks + k / 4));
      y[k] = static_cast<float>(p.mean + p.sigma * normal_of_words(words, k % 4));
    }
  }
}

#endif

}  // namespace redbud::kernels::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace redbud::kernels::cpu {
namespace {

HWY_EXPORT(noise_rows);

void run(const NormalNoiseProblem& p, const NormalNoiseArgs& a, ThreadPool& pool) {
  constexpr int64_t kElements = 4 * 1024;  // a piece: some 10 us
  RB_ASSERT(p.rows * normal_noise_blocks(p.features) <= std::numeric_limits<uint32_t>::max());
  const auto rows = HWY_DYNAMIC_DISPATCH(noise_rows);
  const int64_t grain = std::max<int64_t>(1, kElements / std::max<int64_t>(1, p.features));
  pool.for_ranges(p.rows, grain, [&](int64_t begin, int64_t end) { rows(p, a, begin, end); });
}

}  // namespace

const Kernel<NormalNoiseProblem, NormalNoiseArgs> normal_noise{"cpu:simd", float_only, run};

}  // namespace redbud::kernels::cpu
#endif  // HWY_ONCE
