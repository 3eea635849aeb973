#pragma once
#include "redbud/graph/layer.h"

namespace redbud {

/// Turns scores into probabilities, row by row: y[n,k] = exp(z[n,k]) / sum_j exp(z[n,j]). Shapes  z, y (N,K)
/// A network that is trained by softmax_cross_entropy ends in scores: this layer is for networks that need
/// probabilities inside.
class Softmax final : public Layer {
 public:
  std::string_view kind() const override { return "softmax"; }
  LayerSignature infer(std::span<const TensorType> inputs) const override;
  Value lower(const LayerIo& io, PlanBuilder& plan) const override;
  ConfigValue config() const override { return ConfigValue::Table{}; }
};

struct LayerEntry;
LayerEntry softmax_entry();

}  // namespace redbud
