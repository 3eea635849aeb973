#pragma once
#include <cstdint>
#include <string>

#include "redbud/graph/parameter_store.h"

namespace redbud {

/// Which weight matrices muon takes. Its products cost T * min(inputs, outputs) / batch times what the layer's own
/// forward and backward cost (T = 5 steps; an upper bound), so where that is much, adamw trains the matrix instead.
class MuonGate {
 public:
  /// At most `max_overhead`, in a batch of `batch_size` rows; 0: of an unknown size, all pass.
  MuonGate(double max_overhead, int64_t batch_size) : max_overhead_(max_overhead), batch_size_(batch_size) {}

  double overhead(int64_t inputs, int64_t outputs) const;
  /// outputs 0: not a matrix.
  bool passes(int64_t size, int64_t outputs) const;
  /// "muon: hidden1.weight 784 x 300 costs 11.7 times its layer: adamw\n..." of all matrices that train.
  std::string explain(const SegmentLayout& layout) const;

 private:
  double max_overhead_;
  int64_t batch_size_;
};

}  // namespace redbud
