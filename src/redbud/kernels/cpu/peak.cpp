#include "redbud/kernels/peak.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

#include "redbud/core/tensor.h"
#include "redbud/kernels/cpu/peak_loops.h"
#include "redbud/kernels/cpu/targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "redbud/kernels/cpu/peak.cpp"
#include "hwy/foreach_target.h"
//
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace redbud::kernels::cpu::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

int64_t fma_operations_a_round() { return static_cast<int64_t>(hn::Lanes(hn::ScalableTag<float>())) * 12 * 2; }

// Twelve sums: more than the latency of a multiply-add times its pipes, and few enough for 16 registers.
double run_fma(int64_t rounds) {
  const hn::ScalableTag<float> d;
  const auto x = hn::Set(d, static_cast<float>(rounds & 1));
  const auto y = hn::Set(d, 0.5F);
  // Each starts at a number of its own: equal sums would be computed once.
  auto s0 = hn::Set(d, 1.0F), s1 = hn::Set(d, 2.0F), s2 = hn::Set(d, 3.0F), s3 = hn::Set(d, 4.0F),
       s4 = hn::Set(d, 5.0F), s5 = hn::Set(d, 6.0F), s6 = hn::Set(d, 7.0F), s7 = hn::Set(d, 8.0F),
       s8 = hn::Set(d, 9.0F), s9 = hn::Set(d, 10.0F), s10 = hn::Set(d, 11.0F), s11 = hn::Set(d, 12.0F);
  for (int64_t i = 0; i < rounds; ++i) {
    s0 = hn::MulAdd(s0, x, y);
    s1 = hn::MulAdd(s1, x, y);
    s2 = hn::MulAdd(s2, x, y);
    s3 = hn::MulAdd(s3, x, y);
    s4 = hn::MulAdd(s4, x, y);
    s5 = hn::MulAdd(s5, x, y);
    s6 = hn::MulAdd(s6, x, y);
    s7 = hn::MulAdd(s7, x, y);
    s8 = hn::MulAdd(s8, x, y);
    s9 = hn::MulAdd(s9, x, y);
    s10 = hn::MulAdd(s10, x, y);
    s11 = hn::MulAdd(s11, x, y);
  }
  const auto a = hn::Add(hn::Add(hn::Add(s0, s1), hn::Add(s2, s3)), hn::Add(hn::Add(s4, s5), hn::Add(s6, s7)));
  return static_cast<double>(hn::GetLane(hn::SumOfLanes(d, hn::Add(a, hn::Add(hn::Add(s8, s9), hn::Add(s10, s11))))));
}

// Reads `bytes` (a multiple of 8 vectors) `rounds` times.
uint32_t run_read(const uint32_t* data, int64_t bytes, int64_t rounds) {
  const hn::ScalableTag<uint32_t> d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  const int64_t words = bytes / 4;
  auto s0 = hn::Zero(d), s1 = s0, s2 = s0, s3 = s0, s4 = s0, s5 = s0, s6 = s0, s7 = s0;
  for (int64_t r = 0; r < rounds; ++r) {
    for (int64_t i = 0; i + 8 * lanes <= words; i += 8 * lanes) {
      s0 = hn::Or(s0, hn::Load(d, data + i));
      s1 = hn::Or(s1, hn::Load(d, data + i + lanes));
      s2 = hn::Or(s2, hn::Load(d, data + i + 2 * lanes));
      s3 = hn::Or(s3, hn::Load(d, data + i + 3 * lanes));
      s4 = hn::Or(s4, hn::Load(d, data + i + 4 * lanes));
      s5 = hn::Or(s5, hn::Load(d, data + i + 5 * lanes));
      s6 = hn::Or(s6, hn::Load(d, data + i + 6 * lanes));
      s7 = hn::Or(s7, hn::Load(d, data + i + 7 * lanes));
    }
  }
  const auto all = hn::Or(hn::Or(hn::Or(s0, s1), hn::Or(s2, s3)), hn::Or(hn::Or(s4, s5), hn::Or(s6, s7)));
  return hn::GetLane(hn::MaxOfLanes(d, all));
}

}  // namespace redbud::kernels::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace redbud::kernels {
namespace cpu {

HWY_EXPORT(fma_operations_a_round);
HWY_EXPORT(run_fma);
HWY_EXPORT(run_read);

using ReadLoop = uint32_t (*)(const uint32_t* data, int64_t bytes, int64_t rounds);

PeakLoop fp32_loop() { return {HWY_DYNAMIC_DISPATCH(run_fma), HWY_DYNAMIC_DISPATCH(fma_operations_a_round)()}; }
ReadLoop read_loop() { return HWY_DYNAMIC_DISPATCH(run_read); }

}  // namespace cpu

namespace {

constexpr double kProbeSeconds = 0.3;
// One repetition: far more than waking threads takes, and so short that some of them run undisturbed on a busy machine.
constexpr double kSliceSeconds = 0.002;

volatile double sink = 0.0;  // what a probe computed, so that it is computed

double seconds_since(std::chrono::steady_clock::time_point begin) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

double seconds_of(ThreadPool& pool, const auto& work) {
  const auto begin = std::chrono::steady_clock::now();
  pool.for_pieces(pool.threads(), work);
  return seconds_since(begin);
}

/// The most units (of 1e9) a second over some repetitions of `work(piece, rounds)`, where a round of all threads makes
/// `units_a_round`.
double best_rate(ThreadPool& pool, double units_a_round, const auto& work) {
  int64_t rounds = 1;
  while (true) {  // so many rounds that a repetition takes its time
    // The least of three: a repetition during which another program ran says nothing.
    double seconds = kSliceSeconds;
    for (int i = 0; i < 3; ++i) {
      seconds = std::min(seconds, seconds_of(pool, [&](int64_t piece) { work(piece, rounds); }));
    }
    if (seconds >= kSliceSeconds) break;
    const double wanted = kSliceSeconds / std::max(seconds, 1e-7);
    rounds = static_cast<int64_t>(static_cast<double>(rounds) * std::clamp(1.2 * wanted, 1.2, 100.0)) + 1;
  }
  double best = 0.0;
  double spent = 0.0;
  while (spent < kProbeSeconds) {
    const double seconds = seconds_of(pool, [&](int64_t piece) { work(piece, rounds); });
    spent += seconds;
    best = std::max(best, units_a_round * static_cast<double>(rounds) / seconds / 1e9);
  }
  return best;
}

std::optional<double> loop_rate(ThreadPool& pool, const cpu::PeakLoop& loop) {
  if (loop.run == nullptr) return std::nullopt;
  std::vector<double> results(static_cast<size_t>(pool.threads()));
  const double rate =
      best_rate(pool, static_cast<double>(loop.operations_a_round * pool.threads()),
                [&](int64_t piece, int64_t rounds) { results[static_cast<size_t>(piece)] = loop.run(rounds); });
  for (double result : results) sink = sink + result;
  return rate;
}

}  // namespace

double probe_fp32_gflops(ThreadPool& pool) { return *loop_rate(pool, cpu::fp32_loop()); }

std::optional<double> probe_bf16_gflops(ThreadPool& pool) { return loop_rate(pool, cpu::bf16_loop()); }

std::optional<double> probe_int8_gops(ThreadPool& pool) { return loop_rate(pool, cpu::int8_loop()); }

double probe_read_gb_s(ThreadPool& pool, int64_t bytes_a_thread) {
  const cpu::ReadLoop run = cpu::read_loop();
  std::vector<AlignedBuffer> arrays;
  for (int i = 0; i < pool.threads(); ++i) {
    arrays.emplace_back(bytes_a_thread);
    std::memset(arrays.back().data(), i + 1, static_cast<size_t>(bytes_a_thread));  // pages of its own
  }
  std::vector<uint32_t> results(arrays.size());
  const double rate =
      best_rate(pool, static_cast<double>(bytes_a_thread * pool.threads()), [&](int64_t piece, int64_t rounds) {
        const auto i = static_cast<size_t>(piece);
        results[i] = run(arrays[i].as<uint32_t>().data(), bytes_a_thread, rounds);
      });
  for (uint32_t result : results) sink = sink + static_cast<double>(result);
  return rate;
}

std::optional<double> probe_round_trip_ns(ThreadPool& pool) {
  constexpr uint32_t kTrips = 2'000;
  constexpr double kPatience = 0.02;  // seconds: one thread may have to run both pieces, one after the other
  if (pool.threads() < 2) return std::nullopt;
  double best = std::numeric_limits<double>::infinity();
  for (int repetition = 0; repetition < 5; ++repetition) {
    alignas(64) std::atomic<uint32_t> ball{0};  // odd: on its way there
    double seconds = 0.0;
    const auto wait_for = [&](uint32_t value, std::chrono::steady_clock::time_point since) {
      for (int64_t spins = 0; ball.load(std::memory_order_acquire) != value; ++spins) {
        if (spins % 1024 == 1023 && seconds_since(since) > kPatience) return false;
      }
      return true;
    };
    pool.for_pieces(2, [&](int64_t piece) {
      const auto begin = std::chrono::steady_clock::now();
      if (piece == 1) {
        for (uint32_t trip = 0; trip < kTrips && wait_for(2 * trip + 1, begin); ++trip) ball.store(2 * trip + 2);
        return;
      }
      ball.store(1);
      if (!wait_for(2, begin)) return;  // the other is there
      const auto met = std::chrono::steady_clock::now();
      for (uint32_t trip = 1; trip < kTrips; ++trip) {
        ball.store(2 * trip + 1);
        if (!wait_for(2 * trip + 2, begin)) return;
      }
      seconds = seconds_since(met);
    });
    if (seconds > 0.0) best = std::min(best, seconds / (kTrips - 1) * 1e9);
  }
  return std::isfinite(best) ? std::optional(best) : std::nullopt;
}

}  // namespace redbud::kernels
#endif  // HWY_ONCE
