#pragma once
#include "redbud/graph/layer.h"
#include "redbud/kernels/activation.h"

namespace redbud {

/// Applies an activation (kernels/activation.h). Shapes  x, y (N, ...)
/// Params  prelu: "slope", one for each feature of a row (not decayed)
class ActivationLayer final : public Layer {
 public:
  explicit ActivationLayer(kernels::Activation activation) : activation_(activation) {}

  std::string_view kind() const override { return "activation"; }
  LayerSignature infer(std::span<const TensorType> inputs) const override;
  Value lower(const LayerIo& io, PlanBuilder& plan) const override;
  ConfigValue config() const override;
  std::optional<kernels::Activation> activation() const override { return activation_; }
  bool keeps_units() const override { return true; }

 private:
  kernels::Activation activation_;
};

struct LayerEntry;
LayerEntry activation_entry();

}  // namespace redbud
