#pragma once
#include <algorithm>
#include <bit>
#include <cstdint>

#include "redbud/kernels/cpu/range.h"

namespace redbud::kernels::cpu {

/// Two sums for each feature, of a chunk of rows.
struct ChunkSums {
  float* first = nullptr;
  float* second = nullptr;
};

/// How a matrix is cut whose columns are summed: into chunks of rows, which are summed apart and then together in
/// order. The chunks depend on the shape alone, so the sums don't depend on the number of threads; a thread meets the
/// rows again that it has just computed by a product, which is cut by rows too.
class RowChunks {
 public:
  RowChunks(int64_t rows, int64_t features) : rows_(rows), stride_(ceil_div(features, 16) * 16) {
    constexpr int64_t kElements = 6 * 1024;  // about a microsecond of work, to pay for a thread
    constexpr int64_t kRows = 16;
    const int64_t most = std::min({rows * features / kElements, rows / kRows, int64_t{64}});
    count_ = static_cast<int64_t>(std::bit_floor(static_cast<uint64_t>(std::max<int64_t>(1, most))));
  }

  int64_t count() const { return count_; }
  Range rows(int64_t i) const { return part(rows_, count_, i); }
  int64_t scratch_bytes() const { return count_ * 2 * stride_ * static_cast<int64_t>(sizeof(float)); }
  ChunkSums sums(int64_t i, void* scratch) const {
    float* first = static_cast<float*>(scratch) + i * 2 * stride_;
    return {first, first + stride_};
  }

 private:
  int64_t rows_;
  int64_t stride_;
  int64_t count_ = 1;
};

}  // namespace redbud::kernels::cpu
