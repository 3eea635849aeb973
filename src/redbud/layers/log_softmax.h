#pragma once
#include "redbud/graph/layer.h"

namespace redbud {

/// Turns scores into logarithms of probabilities, row by row: y[n,k] = z[n,k] - log(sum_j exp(z[n,j])).
/// Shapes  z, y (N,K)
class LogSoftmax final : public Layer {
 public:
  std::string_view kind() const override { return "log_softmax"; }
  LayerSignature infer(std::span<const TensorType> inputs) const override;
  Value lower(const LayerIo& io, PlanBuilder& plan) const override;
  ConfigValue config() const override { return ConfigValue::Table{}; }
};

struct LayerEntry;
LayerEntry log_softmax_entry();

}  // namespace redbud
