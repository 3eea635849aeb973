// Dropout masks by Philox4x32-10, one counter in each 64-bit lane: the 32-bit words are in the lower halves, where the
// widening product reads them; the upper halves hold anything.
#include <algorithm>
#include <cstring>
#include <limits>

#include "redbud/kernels/cpu/pointwise_kernels.h"
#include "redbud/kernels/cpu/targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "redbud/kernels/cpu/dropout_mask.cpp"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace redbud::kernels::cpu::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

HWY_INLINE uint8_t block_bits(const RandomKey& key, uint32_t index, uint32_t threshold) {
  const auto words = key.block(index);
  unsigned bits = 0;
  for (unsigned i = 0; i < 8; ++i) {
    bits |= static_cast<unsigned>(((words[i / 2] >> (16 * (i % 2))) & 0xFFFFu) >= threshold) << i;
  }
  return static_cast<uint8_t>(bits);
}

#if HWY_TARGET != HWY_SCALAR

using Words = hn::ScalableTag<uint32_t>;
using Lanes = hn::Repartition<uint64_t, Words>;
using Halves = hn::Repartition<uint16_t, Words>;
using LaneVector = hn::Vec<Lanes>;
constexpr int64_t kCounters = static_cast<int64_t>(hn::MaxLanes(Lanes()));

struct Block {
  LaneVector word[4];
};

struct Schedule {
  LaneVector key0[10];
  LaneVector key1[10];
};

HWY_INLINE Schedule key_schedule(const RandomKey& key) {
  Schedule schedule;
  uint32_t key0 = static_cast<uint32_t>(key.seed);
  uint32_t key1 = static_cast<uint32_t>(key.seed >> 32);
  for (int round = 0; round < 10; ++round) {
    schedule.key0[round] = hn::Set(Lanes(), key0);
    schedule.key1[round] = hn::Set(Lanes(), key1);
    key0 += 0x9E3779B9u;
    key1 += 0xBB67AE85u;
  }
  return schedule;
}

HWY_INLINE LaneVector widening_product(LaneVector a, LaneVector b) {
  return hn::MulEven(hn::BitCast(Words(), a), hn::BitCast(Words(), b));
}

/// Two vectors of blocks at a time: one alone waits for its own products.
HWY_INLINE void philox(Block (&c)[2], const Schedule& schedule) {
  const LaneVector multiply0 = hn::Set(Lanes(), uint64_t{0xD2511F53});
  const LaneVector multiply1 = hn::Set(Lanes(), uint64_t{0xCD9E8D57});
  for (int round = 0; round < 10; ++round) {
    for (Block& block : c) {
      const LaneVector product0 = widening_product(block.word[0], multiply0);
      const LaneVector product1 = widening_product(block.word[2], multiply1);
      block.word[0] = hn::Xor3(hn::ShiftRight<32>(product1), block.word[1], schedule.key0[round]);
      block.word[1] = product1;
      block.word[2] = hn::Xor3(hn::ShiftRight<32>(product0), block.word[3], schedule.key1[round]);
      block.word[3] = product0;
    }
  }
}

/// Lane 2j counts j, lane 2j + 1 counts j + kCounters / 2: the order in which the interleaved results are consecutive.
HWY_INLINE LaneVector lane_counters() {
  const LaneVector lane = hn::Iota(Lanes(), 0);
  const LaneVector odd = hn::And(lane, hn::Set(Lanes(), 1));
  return hn::Add(hn::ShiftRight<1>(lane), hn::Mul(odd, hn::Set(Lanes(), uint64_t{kCounters / 2})));
}

/// The lower words of two vectors, side by side.
HWY_INLINE LaneVector pack(LaneVector low, LaneVector high) {
  const auto shifted = hn::BitCast(Words(), hn::ShiftLeft<32>(high));
  return hn::BitCast(Lanes(), hn::OddEven(shifted, hn::BitCast(Words(), low)));
}

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
  const LaneVector lane = lane_counters();
  const LaneVector stream = hn::Set(Lanes(), uint64_t{static_cast<uint32_t>(key.stream) << 16 | key.lane});
  const LaneVector step_low = hn::Set(Lanes(), key.step);
  const LaneVector step_high = hn::Set(Lanes(), key.step >> 32);
  const auto limit = hn::Set(Halves(), static_cast<uint16_t>(threshold));
  int64_t i = begin;
  for (; i + 2 * kCounters <= end; i += 2 * kCounters) {
    const LaneVector counter = hn::Add(hn::Set(Lanes(), static_cast<uint64_t>(i)), lane);
    const LaneVector next = hn::Add(counter, hn::Set(Lanes(), uint64_t{kCounters}));
    Block blocks[2] = {{{counter, stream, step_low, step_high}}, {{next, stream, step_low, step_high}}};
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

constexpr int64_t kGrain = 4 * 1024;  // blocks of 8 elements a piece: about 3 us

void run(const DropoutMaskProblem& p, const DropoutMaskArgs& a, ThreadPool& pool) {
  const int64_t size = p.rows * dropout_blocks(p.features);
  RB_ASSERT(size <= std::numeric_limits<uint32_t>::max());
  const auto blocks = HWY_DYNAMIC_DISPATCH(mask_blocks);
  pool.for_ranges(size, kGrain, [&](int64_t begin, int64_t end) { blocks(p, a, begin, end); });
}

Support supports(const DropoutMaskProblem&) { return Support::yes(); }

}  // namespace

const Kernel<DropoutMaskProblem, DropoutMaskArgs> dropout_mask{"cpu:simd", supports, run};

}  // namespace redbud::kernels::cpu
#endif  // HWY_ONCE
