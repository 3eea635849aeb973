#pragma once
#include "redbud/graph/layer.h"

namespace redbud {

struct GaussianDropoutConfig {
  double rate = 0.5;  // as of the dropout that has the same variance, in [0, 1)
};

/// Multiplies each element by a normal number of mean 1 and variance rate / (1 - rate) in training, the variance of a
/// dropout's factors. Nothing at prediction.
///
/// Shapes    x, y (N,K)
/// Source    Srivastava et al. 2014, section 10.2
class GaussianDropout final : public Layer {
 public:
  explicit GaussianDropout(GaussianDropoutConfig config) : config_(config) {}

  std::string_view kind() const override { return "gaussian_dropout"; }
  LayerSignature infer(std::span<const TensorType> inputs) const override;
  Value lower(const LayerIo& io, PlanBuilder& plan) const override;
  ConfigValue config() const override;
  bool is_random() const override { return true; }

 private:
  GaussianDropoutConfig config_;
};

struct LayerEntry;
LayerEntry gaussian_dropout_entry();

}  // namespace redbud
