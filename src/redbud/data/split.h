#pragma once
#include <array>
#include <cstddef>
#include <cstdint>

#include "redbud/core/rng.h"
#include "redbud/data/dataset.h"

namespace redbud {

struct SplitOptions {
  double validation = 0.2;  // share below 1, count from 1 on
  uint64_t seed = 42;
};
struct Split {
  Dataset train = {};
  Dataset validation = {};
};

/// Parts rows at random, each class in proportion (classification), the same for the same seed on every machine. Both
/// parts keep the order of the file. Throws  Error{Data} if a part would be empty.
Split split(const Dataset& data, const SplitOptions& options = {});

/// A permutation of [0, size) computed per index, with no table: the order of an epoch is a function of (seed, epoch)
/// alone.
class Permutation {
 public:
  Permutation(int64_t size, uint64_t seed, uint64_t epoch, Stream stream = Stream::Shuffle);
  int64_t operator()(int64_t i) const;

 private:
  static constexpr size_t kRounds = 6;

  int64_t size_;
  uint32_t high_bits_ = 0;
  uint32_t low_bits_ = 0;
  std::array<uint32_t, kRounds> keys_{};
};

}  // namespace redbud
