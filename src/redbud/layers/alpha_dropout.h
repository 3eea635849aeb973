#pragma once
#include "redbud/graph/layer.h"

namespace redbud {

struct AlphaDropoutConfig {
  double rate = 0.1;  // share of elements that are dropped, in [0, 1)
};

/// Dropout for networks of SELU: what is dropped becomes SELU's value far below 0, and all is then scaled and shifted
/// so that mean 0 and variance 1 stay what they are. Nothing at prediction.
///
///   y = keep ? a * x + b : a * z + b     z = -1.7581, a and b as kernels/dropout.h has them
///
/// Shapes    x, y (N,K)
/// Source    Klambauer, Unterthiner, Mayr, Hochreiter 2017 (arXiv 1706.02515)
class AlphaDropout final : public Layer {
 public:
  explicit AlphaDropout(AlphaDropoutConfig config) : config_(config) {}

  std::string_view kind() const override { return "alpha_dropout"; }
  LayerSignature infer(std::span<const TensorType> inputs) const override;
  Value lower(const LayerIo& io, PlanBuilder& plan) const override;
  ConfigValue config() const override;
  bool is_random() const override { return true; }

 private:
  AlphaDropoutConfig config_;
};

struct LayerEntry;
LayerEntry alpha_dropout_entry();

}  // namespace redbud
