#pragma once
#include <cstdint>
#include <span>

#include "redbud/data/split.h"

namespace redbud {

/// How an epoch is cut into batches.
///
/// All batches have `batch_size` rows but the last, which has those that are left; where a single row would be left, it
/// goes to the batch before it, so that no batch has one row unless the batch size is 1 or there is one row.
class BatchCut {
 public:
  BatchCut(int64_t rows, int64_t batch_size);

  int64_t steps() const { return steps_; }
  int64_t begin(int64_t step) const { return step * batch_size_; }
  int64_t rows(int64_t step) const { return step + 1 == steps_ ? last_ : batch_size_; }
  int64_t last_rows() const { return last_; }
  int64_t most_rows() const { return steps_ == 1 ? last_ : (last_ > batch_size_ ? last_ : batch_size_); }

 private:
  int64_t batch_size_;
  int64_t steps_;
  int64_t last_;
};

/// Which rows the steps of an epoch see: a function of (seed, epoch) alone.
class EpochOrder {
 public:
  EpochOrder(const BatchCut& cut, int64_t rows, uint64_t seed, int64_t epoch)
      : cut_(cut), permutation_(rows, seed, static_cast<uint64_t>(epoch)) {}

  /// Writes the rows of a step; `rows` has cut.rows(step) elements.
  void fill(int64_t step, std::span<int64_t> rows) const {
    const int64_t begin = cut_.begin(step);
    for (size_t i = 0; i < rows.size(); ++i) rows[i] = permutation_(begin + static_cast<int64_t>(i));
  }

 private:
  BatchCut cut_;
  Permutation permutation_;
};

}  // namespace redbud
