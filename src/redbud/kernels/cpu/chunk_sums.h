#pragma once
#include <cstdint>

#include "redbud/kernels/cpu/range.h"
#include "redbud/kernels/row_chunks.h"

namespace redbud::kernels::cpu {

/// Two sums for each feature, of a chunk of rows.
struct ChunkSums {
  float* first = nullptr;
  float* second = nullptr;
};

/// Where the sums of each chunk lie in a kernel's scratch: on cache lines of their own.
class ChunkedSums {
 public:
  ChunkedSums(int64_t rows, int64_t features, void* scratch)
      : chunks_(rows), stride_(ceil_div(features, 16) * 16), scratch_(static_cast<float*>(scratch)) {}

  static int64_t bytes(int64_t rows, int64_t features) {
    const ChunkedSums sums(rows, features, nullptr);
    return sums.count() * 2 * sums.stride_ * static_cast<int64_t>(sizeof(float));
  }

  int64_t count() const { return chunks_.count(); }
  Range rows(int64_t i) const { return {chunks_.begin(i), chunks_.end(i)}; }
  ChunkSums operator[](int64_t i) const {
    float* first = scratch_ + i * 2 * stride_;
    return {first, first + stride_};
  }

 private:
  RowChunks chunks_;
  int64_t stride_;
  float* scratch_;
};

}  // namespace redbud::kernels::cpu
