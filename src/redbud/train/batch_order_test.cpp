#include "redbud/train/batch_order.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace redbud {
namespace {

TEST(BatchCut, LeavesNoBatchOfOneRow) {
  struct Case {
    int64_t rows, batch, steps, last, most;
  };
  for (const Case& c :
       {Case{10, 5, 2, 5, 5}, Case{11, 5, 2, 6, 6}, Case{12, 5, 3, 2, 5}, Case{6, 5, 1, 6, 6}, Case{5, 5, 1, 5, 5},
        Case{4, 5, 1, 4, 4}, Case{1, 5, 1, 1, 1}, Case{3, 1, 3, 1, 1}, Case{3, 2, 1, 3, 3}, Case{5, 2, 2, 3, 3}}) {
    const BatchCut cut(c.rows, c.batch);
    EXPECT_EQ(cut.steps(), c.steps) << c.rows << " " << c.batch;
    EXPECT_EQ(cut.last_rows(), c.last) << c.rows << " " << c.batch;
    EXPECT_EQ(cut.most_rows(), c.most) << c.rows << " " << c.batch;
  }
}

TEST(EpochOrder, ShowsEveryRowOnceAnEpochInAnotherOrder) {
  for (int64_t rows : {1, 2, 31, 32, 33, 100}) {
    const BatchCut cut(rows, 8);
    std::vector<std::vector<int64_t>> epochs;
    for (int64_t epoch = 0; epoch < 3; ++epoch) {
      std::vector<int64_t> seen;
      for (int64_t step = 0; step < cut.steps(); ++step) {
        std::vector<int64_t> batch(static_cast<size_t>(cut.rows(step)));
        EpochOrder(cut, rows, 5, epoch).fill(step, batch);
        seen.insert(seen.end(), batch.begin(), batch.end());
      }
      epochs.push_back(seen);
      std::sort(seen.begin(), seen.end());
      ASSERT_EQ(static_cast<int64_t>(seen.size()), rows);
      for (int64_t i = 0; i < rows; ++i) EXPECT_EQ(seen[static_cast<size_t>(i)], i);
    }
    if (rows > 30) {
      EXPECT_NE(epochs[0], epochs[1]);
      EXPECT_NE(epochs[1], epochs[2]);
    }
  }
}

}  // namespace
}  // namespace redbud
