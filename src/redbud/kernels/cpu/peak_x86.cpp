// The loops of bf16 and int8 dot products, which the vector library of this age has no name for. Twelve sums are more
// than the latency of the instruction times its pipes.
#include "redbud/kernels/cpu/peak_loops.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace redbud::kernels::cpu {

#if defined(__x86_64__)
namespace {

constexpr int kSums = 12;

__attribute__((target("avx512f,avx512bw,avx512vl,avx512bf16"))) double run_bf16(int64_t rounds) {
  const __m512 start = _mm512_set1_ps(static_cast<float>(rounds & 1));
  const __m512bh x = _mm512_cvtne2ps_pbh(start, start);
  __m512 sums[kSums];
  for (int k = 0; k < kSums; ++k) sums[k] = _mm512_set1_ps(static_cast<float>(k));  // equal sums would be computed once
  for (int64_t i = 0; i < rounds; ++i) {
#pragma GCC unroll 12
    for (__m512& sum : sums) sum = _mm512_dpbf16_ps(sum, x, x);
  }
  double total = 0.0;
  for (const __m512& sum : sums) {
    float lanes[16];
    _mm512_storeu_ps(lanes, sum);
    for (float lane : lanes) total += static_cast<double>(lane);
  }
  return total;
}

__attribute__((target("avx512f,avx512bw,avx512vl,avx512vnni"))) double run_int8(int64_t rounds) {
  const __m512i x = _mm512_set1_epi8(static_cast<char>(rounds & 1));
  __m512i sums[kSums];
  for (int k = 0; k < kSums; ++k) sums[k] = _mm512_set1_epi32(k);
  for (int64_t i = 0; i < rounds; ++i) {
#pragma GCC unroll 12
    for (__m512i& sum : sums) sum = _mm512_dpbusd_epi32(sum, x, x);
  }
  double total = 0.0;
  for (const __m512i& sum : sums) {
    int32_t lanes[16];
    _mm512_storeu_si512(lanes, sum);
    for (int32_t lane : lanes) total += lane;
  }
  return total;
}

}  // namespace

PeakLoop bf16_loop() {
  if (!__builtin_cpu_supports("avx512bf16")) return {};
  return {run_bf16, kSums * 32 * 2};
}

PeakLoop int8_loop() {
  if (!__builtin_cpu_supports("avx512vnni")) return {};
  return {run_int8, kSums * 64 * 2};
}

#else

PeakLoop bf16_loop() { return {}; }
PeakLoop int8_loop() { return {}; }

#endif

}  // namespace redbud::kernels::cpu
