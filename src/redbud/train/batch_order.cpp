#include "redbud/train/batch_order.h"

#include "redbud/core/error.h"

namespace redbud {

BatchCut::BatchCut(int64_t rows, int64_t batch_size) : batch_size_(batch_size) {
  RB_ASSERT(rows >= 1 && batch_size >= 1);
  steps_ = (rows + batch_size - 1) / batch_size;
  last_ = rows - (steps_ - 1) * batch_size;
  if (last_ == 1 && steps_ > 1 && batch_size > 1) {
    --steps_;
    last_ += batch_size;
  }
}

}  // namespace redbud
