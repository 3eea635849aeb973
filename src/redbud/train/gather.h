#pragma once
#include <span>
#include <vector>

#include "redbud/core/thread_pool.h"
#include "redbud/data/batch.h"

namespace redbud {

/// Fills a batch by several threads: each takes some of its rows. Allocates nothing when it runs.
class Gather {
 public:
  Gather() = default;  // of nothing
  Gather(const BatchType& type, const BatchView& batch, int64_t rows);
  void run(const SampleSource& source, std::span<const int64_t> rows, ThreadPool& pool) const;

 private:
  struct Piece {
    size_t begin = 0;
    size_t rows = 0;
    BatchView view;
  };
  std::vector<Piece> pieces_;
};

}  // namespace redbud
