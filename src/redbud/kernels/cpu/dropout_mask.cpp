// Dropout masks by Philox4x32-10.
#include <algorithm>
#include <cstring>
#include <limits>

#include "redbud/kernels/cpu/pointwise_kernels.h"
#include "redbud/kernels/cpu/targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "redbud/kernels/cpu/dropout_mask.cpp"
#include "hwy/foreach_target.h"
#include "redbud/kernels/cpu/philox-inl.h"

HWY_BEFORE_NAMESPACE();
namespace redbud::kernels::cpu::HWY_NAMESPACE {

HWY_INLINE uint8_t block_bits(const RandomKey& key, uint32_t index, uint32_t threshold) {
  const auto words = key.block(index);
  unsigned bits = 0;
  for (unsigned i = 0; i < 8; ++i) {
    bits |= static_cast<unsigned>(((words[i / 2] >> (16 * (i % 2))) & 0xFFFFu) >= threshold) << i;
  }
  return static_cast<uint8_t>(bits);
}

#if HWY_TARGET != HWY_SCALAR

/// Mask bytes of kCounters consecutive blocks.
HWY_INLINE void store_bits(const Block& block, hn::Vec<Halves> threshold, uint8_t* to) {
  const LaneVector words01 = pack(block.word[0], block.word[1]);
  const LaneVector words23 = pack(block.word[2], block.word[3]);
  const auto first = hn::BitCast(Halves(), hn::InterleaveLower(Lanes(), words01, words23));
  const auto second = hn::BitCast(Halves(), hn::InterleaveUpper(Lanes(), words01, words23));
  uint8_t bits[16];
  hn::StoreMaskBits(Halves(), hn::Not(hn::Lt(first, threshold)), bits);
  hn::StoreMaskBits(Halves(), hn::Not(hn::Lt(second, threshold)), bits + kCounters / 2);
  std::memcpy(to, bits, kCounters);
}

int64_t whole_vectors(const RandomKey& key, uint32_t threshold, uint8_t* mask, int64_t begin, int64_t end) {
  const Schedule schedule = key_schedule(key);
  const Counters counters(key);
  const auto limit = hn::Set(Halves(), static_cast<uint16_t>(threshold));
  int64_t i = begin;
  for (; i + 2 * kCounters <= end; i += 2 * kCounters) {
    Block blocks[2] = {counters.at(i), counters.at(i + kCounters)};
    philox(blocks, schedule);
    store_bits(blocks[0], limit, mask + i);
    store_bits(blocks[1], limit, mask + i + kCounters);
  }
  return i;
}

#else

int64_t whole_vectors(const RandomKey&, uint32_t, uint8_t*, int64_t begin, int64_t) { return begin; }

#endif

/// The blocks [begin, end) of the whole mask.
void mask_blocks(const DropoutMaskProblem& p, const DropoutMaskArgs& a, int64_t begin, int64_t end) {
  for (int64_t i = whole_vectors(a.key, p.threshold, a.mask, begin, end); i < end; ++i) {
    a.mask[i] = block_bits(a.key, static_cast<uint32_t>(i), p.threshold);
  }
  if (p.features % 8 == 0) return;
  const int64_t blocks = dropout_blocks(p.features);
  const unsigned last = (1u << (p.features % 8)) - 1;
  for (int64_t i = begin / blocks * blocks + blocks - 1; i < end; i += blocks) {
    if (i >= begin) a.mask[i] = static_cast<uint8_t>(a.mask[i] & last);
  }
}

}  // namespace redbud::kernels::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace redbud::kernels::cpu {
namespace {

HWY_EXPORT(mask_blocks);

constexpr int64_t kGrain = 1024;  // blocks of 8 elements a piece: 1 to 2 us

void run(const DropoutMaskProblem& p, const DropoutMaskArgs& a, ThreadPool& pool) {
  const int64_t first = p.first_row * dropout_blocks(p.features);
  const int64_t size = p.rows * dropout_blocks(p.features);
  RB_ASSERT(first + size <= std::numeric_limits<uint32_t>::max());
  const auto blocks = HWY_DYNAMIC_DISPATCH(mask_blocks);
  pool.for_ranges(size, kGrain, [&](int64_t begin, int64_t end) { blocks(p, a, first + begin, first + end); });
}

Support supports(const DropoutMaskProblem&) { return Support::yes(); }

}  // namespace

const Kernel<DropoutMaskProblem, DropoutMaskArgs> dropout_mask{"cpu:simd", supports, run};

}  // namespace redbud::kernels::cpu
#endif  // HWY_ONCE
