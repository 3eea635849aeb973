// The randomized rectifier: slopes are drawn a few vectors at a time, into memory that stays in L1.
#include "redbud/kernels/rrelu.h"

#include <algorithm>

#include "redbud/kernels/cpu/pointwise_kernels.h"
#include "redbud/kernels/cpu/rectifiers.h"
#include "redbud/kernels/cpu/targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "redbud/kernels/cpu/rrelu.cpp"
#include "hwy/foreach_target.h"
#include "redbud/kernels/cpu/columns-inl.h"
#include "redbud/kernels/cpu/philox-inl.h"

HWY_BEFORE_NAMESPACE();
namespace redbud::kernels::cpu::HWY_NAMESPACE {

constexpr int64_t kBatch = 64;  // elements drawn together: 16 blocks

#if HWY_TARGET != HWY_SCALAR

/// The random words of 16 blocks from block `first` on.
class Words16 {
 public:
  HWY_INLINE explicit Words16(const RandomKey& key) : schedule_(key_schedule(key)), counters_(key) {}

  HWY_INLINE void draw(int64_t first, uint32_t* to) const {
    for (int64_t i = 0; i < kBatch / 4; i += 2 * kCounters) {
      Block blocks[2] = {counters_.at(first + i), counters_.at(first + i + kCounters)};
      philox(blocks, schedule_);
      for (const Block& block : blocks) {
        const Consecutive words = consecutive(block);
        hn::StoreU(hn::BitCast(Words(), words.first), Words(), to);
        hn::StoreU(hn::BitCast(Words(), words.second), Words(), to + 2 * kCounters);
        to += 4 * kCounters;
      }
    }
  }

 private:
  Schedule schedule_;
  Counters counters_;
};

#else

class Words16 {
 public:
  explicit Words16(const RandomKey& key) : key_(key) {}

  void draw(int64_t first, uint32_t* to) const {
    for (int64_t i = 0; i < kBatch / 4; ++i) {
      const auto block = key_.block(static_cast<uint32_t>(first + i));
      to = std::copy(block.begin(), block.end(), to);
    }
  }

 private:
  RandomKey key_;
};

#endif

/// Row n's elements [k, end), for which the words start at `words`.
HWY_INLINE void rectify(const RreluForwardProblem& p, const RreluForwardArgs& a, const uint32_t* words, int64_t n,
                        int64_t begin, int64_t end) {
  const float* z_n = a.z.row<float>(n);
  float* y_n = a.y.row<float>(n);
  float* slope_n = a.slope.row<float>(n);
  const Vector lower = set(p.lower);
  const Vector range = set((p.upper - p.lower) * 0x1p-24);
  for_columns(begin, end, [=](const auto column, int64_t k) HWY_ATTR {
    const auto word =
        hn::BitCast(hn::RebindToUnsigned<Tag>(), column.load(reinterpret_cast<const float*>(words) + (k - begin)));
    const Vector uniform = hn::ConvertTo(Tag(), hn::BitCast(hn::RebindToSigned<Tag>(), hn::ShiftRight<8>(word)));
    const Vector z = column.load(z_n + k);
    const Vector drawn = hn::MulAdd(range, uniform, lower);
    const Vector slope = hn::IfThenElse(hn::Gt(z, hn::Zero(Tag())), set(1.0), drawn);
    column.store(slope, slope_n + k);
    column.store(hn::Mul(slope, z), y_n + k);
  });
}

HWY_FLATTEN void rrelu_rows(const RreluForwardProblem& p, const RreluForwardArgs& a, int64_t begin, int64_t end) {
  const Words16 random(a.key);
  uint32_t words[kBatch];
  for (int64_t n = begin; n < end; ++n) {
    const int64_t row = n * p.features;  // the row's first element
    for (int64_t k = 0; k < p.features;) {
      const int64_t first = (row + k) / 4;  // block
      const int64_t skipped = row + k - 4 * first;
      const int64_t stop = std::min(p.features, k + kBatch - skipped);
      random.draw(first, words);
      rectify(p, a, words + skipped, n, k, stop);
      k = stop;
    }
  }
}

}  // namespace redbud::kernels::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace redbud::kernels::cpu {
namespace {

HWY_EXPORT(rrelu_rows);

int64_t rows_a_piece(int64_t features) { return std::max<int64_t>(1, 8 * 1024 / std::max<int64_t>(1, features)); }

void run_forward(const RreluForwardProblem& p, const RreluForwardArgs& a, ThreadPool& pool) {
  const auto rows = HWY_DYNAMIC_DISPATCH(rrelu_rows);
  pool.for_ranges(p.rows, rows_a_piece(p.features), [&](int64_t begin, int64_t end) { rows(p, a, begin, end); });
}

}  // namespace

const Kernel<RreluForwardProblem, RreluForwardArgs> rrelu_forward{"cpu:simd", float_only, run_forward};

}  // namespace redbud::kernels::cpu
#endif  // HWY_ONCE
