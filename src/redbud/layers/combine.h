#pragma once
#include "redbud/graph/layer.h"

namespace redbud {

/// Adds two or more inputs of the same shape. Shapes  x_i, y (N, ...)
class Add final : public Layer {
 public:
  std::string_view kind() const override { return "add"; }
  LayerSignature infer(std::span<const TensorType> inputs) const override;
  Value lower(const LayerIo& io, PlanBuilder& plan) const override;
  ConfigValue config() const override { return ConfigValue::Table{}; }
};

/// Puts inputs side by side. Shapes  x_i (N,K_i)   y (N, sum K_i)
class Concat final : public Layer {
 public:
  std::string_view kind() const override { return "concat"; }
  LayerSignature infer(std::span<const TensorType> inputs) const override;
  Value lower(const LayerIo& io, PlanBuilder& plan) const override;
  ConfigValue config() const override { return ConfigValue::Table{}; }
};

struct LayerEntry;
LayerEntry add_entry();
LayerEntry concat_entry();

}  // namespace redbud
