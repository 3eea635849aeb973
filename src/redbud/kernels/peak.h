#pragma once
#include <cstdint>
#include <optional>

#include "redbud/core/thread_pool.h"

namespace redbud::kernels {

/// Probes of what this machine can do at most, on the threads of a pool together. Each takes some tenths of a second
/// and gives the best of its repetitions.

/// Multiply-adds in registers alone, as two operations each; 1e9 a second.
double probe_fp32_gflops(ThreadPool& pool);
/// The same for dot products of bf16 pairs summed in fp32 (AVX512_BF16), and of bytes summed in 32 bits (AVX512_VNNI).
/// None: this processor or this build has no such instruction.
std::optional<double> probe_bf16_gflops(ThreadPool& pool);
std::optional<double> probe_int8_gops(ThreadPool& pool);

/// Reading an array of so many bytes a thread over and over; 1e9 bytes a second.
double probe_read_gb_s(ThreadPool& pool, int64_t bytes_a_thread);

/// From one thread to another and back by a cache line, in nanoseconds: what handing work over costs at the least. It
/// tells where threads run (about 50 within a die, 400 between two), which the system may change at any time. None: one
/// thread, or two never ran at once.
std::optional<double> probe_round_trip_ns(ThreadPool& pool);

/// The sizes that fit the levels of this machine's memory; of the whole pool for L3 and memory.
struct StreamSizes {
  int64_t l1 = 16 << 10;
  int64_t l2 = 384 << 10;
  int64_t l3 = 8 << 20;
  int64_t memory = 256 << 20;
};

}  // namespace redbud::kernels
