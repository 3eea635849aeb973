#pragma once
#include <algorithm>
#include <bit>
#include <cstdint>

namespace redbud::kernels {

/// How the rows of a batch are cut: into 1, 2, 4, ... 64 chunks of at least 48 rows. That depends on the number of rows
/// alone, so neither do sums that are made chunk by chunk and then added in order depend on the number of threads. A
/// thread keeps its chunks from step to step, and so finds their rows in its own cache.
class RowChunks {
 public:
  explicit RowChunks(int64_t rows) : rows_(rows) {
    constexpr int64_t kRows = 48;  // a product of fewer reads its weights too often
    const int64_t most = std::clamp<int64_t>(rows / kRows, 1, 64);
    count_ = static_cast<int64_t>(std::bit_floor(static_cast<uint64_t>(most)));
  }

  int64_t count() const { return count_; }
  int64_t begin(int64_t i) const { return rows_ * i / count_; }
  int64_t end(int64_t i) const { return begin(i + 1); }
  int64_t size(int64_t i) const { return end(i) - begin(i); }

 private:
  int64_t rows_;
  int64_t count_ = 1;
};

/// What a call of a kernel does that sums over rows: the whole, or one of the parts that it consists of, for a caller
/// that runs those of several steps together. First the sums of each chunk, then what is made of all of them, then what
/// each chunk makes of that. The references know the whole only.
struct KernelPart {
  enum class Kind { All, SumsOfChunk, Total, RestOfChunk };
  Kind kind = Kind::All;
  int64_t chunk = 0;
};

}  // namespace redbud::kernels
