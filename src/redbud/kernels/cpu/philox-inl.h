// Philox4x32-10 on vectors, one counter in each 64-bit lane: the 32-bit words are in the lower halves, where the
// widening product reads them; the upper halves hold anything. Not for HWY_SCALAR.
#if defined(REDBUD_KERNELS_CPU_PHILOX_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef REDBUD_KERNELS_CPU_PHILOX_INL_H_
#undef REDBUD_KERNELS_CPU_PHILOX_INL_H_
#else
#define REDBUD_KERNELS_CPU_PHILOX_INL_H_
#endif

#include <cstdint>

#include "hwy/highway.h"
#include "redbud/core/rng.h"

HWY_BEFORE_NAMESPACE();
namespace redbud::kernels::cpu::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

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

/// The words of kCounters consecutive blocks, in order.
struct Consecutive {
  LaneVector first;
  LaneVector second;
};
HWY_INLINE Consecutive consecutive(const Block& block) {
  const LaneVector words01 = pack(block.word[0], block.word[1]);
  const LaneVector words23 = pack(block.word[2], block.word[3]);
  return {hn::InterleaveLower(Lanes(), words01, words23), hn::InterleaveUpper(Lanes(), words01, words23)};
}

/// The counters of a stream of random numbers.
class Counters {
 public:
  HWY_INLINE explicit Counters(const RandomKey& key)
      : lane_(lane_counters()),
        stream_(hn::Set(Lanes(), uint64_t{static_cast<uint32_t>(key.stream) << 16 | key.lane})),
        step_low_(hn::Set(Lanes(), key.step)),
        step_high_(hn::Set(Lanes(), key.step >> 32)) {}

  /// Those of kCounters blocks from `index` on.
  HWY_INLINE Block at(int64_t index) const {
    return {{hn::Add(hn::Set(Lanes(), static_cast<uint64_t>(index)), lane_), stream_, step_low_, step_high_}};
  }

 private:
  LaneVector lane_, stream_, step_low_, step_high_;
};

#endif  // HWY_TARGET != HWY_SCALAR

}  // namespace redbud::kernels::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // toggled guard
