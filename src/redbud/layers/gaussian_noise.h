#pragma once
#include "redbud/graph/layer.h"

namespace redbud {

struct GaussianNoiseConfig {
  double sigma = 0.1;  // standard deviation
};

/// Adds normal numbers of mean 0 and standard deviation sigma in training. Nothing at prediction.
///
/// Shapes    x, y (N,K)
/// Source    Bishop 1995, "Training with noise is equivalent to Tikhonov regularization"
class GaussianNoise final : public Layer {
 public:
  explicit GaussianNoise(GaussianNoiseConfig config) : config_(config) {}

  std::string_view kind() const override { return "gaussian_noise"; }
  LayerSignature infer(std::span<const TensorType> inputs) const override;
  Value lower(const LayerIo& io, PlanBuilder& plan) const override;
  ConfigValue config() const override;
  bool is_random() const override { return true; }

 private:
  GaussianNoiseConfig config_;
};

struct LayerEntry;
LayerEntry gaussian_noise_entry();

}  // namespace redbud
