#pragma once
#include <cstdint>

namespace redbud::kernels::cpu {

/// A loop that keeps one kind of instruction busy: does `rounds` rounds; gives a number that depends on all of them, so
/// that no compiler drops any.
struct PeakLoop {
  double (*run)(int64_t rounds) = nullptr;  // null: not on this processor
  int64_t operations_a_round = 0;
};

PeakLoop bf16_loop();
PeakLoop int8_loop();

}  // namespace redbud::kernels::cpu
